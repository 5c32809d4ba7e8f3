using System.Runtime.InteropServices;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Tests.Unit.Golden;

/// <summary>Recorded replication messages give the records that the real Debezium made of them.</summary>
[Trait("suite", "golden")]
public sealed class GoldenTests
{
    public static TheoryData<string, bool> Cases()
    {
        var cases = new TheoryData<string, bool>();
        foreach (var scenario in GoldenFolders.All.Keys)
        {
            cases.Add(scenario, false);
            cases.Add(scenario, true);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Format_RecordedChanges_GivesRecordedRecords(string scenario, bool schemas)
    {
        var golden = GoldenScenario.Load(scenario);
        if (GoldenSupport.WhyNot(golden) is { } reason) Assert.Skip($"{scenario}: not supported yet: {reason}");

        var formatter = new DebeziumJsonFormatter(Options(golden) with { Schemas = schemas }, TimeProvider.System);
        using var output = new OutputBuffer();
        formatter.Format(CollectionsMarshal.AsSpan(GoldenReplay.Changes(golden)), output);

        if (GoldenComparer.FirstDifference(golden, Records(output), schemas, GoldenMasks.Recorded) is { } difference) Assert.Fail(difference);
    }

    private static DebeziumOptions Options(GoldenScenario golden) => new()
    {
        TopicPrefix = golden.Setting("topic.prefix")!,
        Database = golden.Setting("database.dbname")!,
        Compatibility = Compatibility.Exact,
        TombstonesOnDelete = golden.Setting("tombstones.on.delete") != "false",
        MessageKeyColumns = golden.Setting("message.key.columns"),
        UnavailableValuePlaceholder = golden.Setting("unavailable.value.placeholder") ?? "__debezium_unavailable_value",
    };

    private static IEnumerable<FoundRecord> Records(OutputBuffer output)
    {
        var records = new List<FoundRecord>();
        for (var rest = output.Bytes.Span; !rest.IsEmpty;)
        {
            var row = OutputBuffer.Read(ref rest, output.Destinations);
            records.Add(new FoundRecord(row.Destination, row.HasKey ? row.Key.ToArray() : null, row.HasValue ? row.Value.ToArray() : null));
        }

        return records;
    }
}
