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

        if (FirstDifference(golden, output, schemas) is { } difference) Assert.Fail(difference);
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

    private static string? FirstDifference(GoldenScenario golden, OutputBuffer output, bool schemas)
    {
        var rest = output.Bytes.Span;
        foreach (var record in golden.Records)
        {
            var label = $"{golden.Name}, record {record.Number} ({record.Topic})";
            if (rest.IsEmpty) return $"{label}: there are no more records; {golden.Records.Count} were expected.";
            var row = OutputBuffer.Read(ref rest, output.Destinations);
            if (row.Destination != record.Topic) return $"{label}: found topic {row.Destination}.";
            var key = row.HasKey ? row.Key.ToArray() : (ReadOnlyMemory<byte>?)null;
            var value = row.HasValue ? row.Value.ToArray() : (ReadOnlyMemory<byte>?)null;
            if (GoldenComparer.Difference(record.Key, key, schemas, GoldenMasks.Recorded) is { } inKey) return $"{label}, key, {inKey}";
            if (GoldenComparer.Difference(record.Value, value, schemas, GoldenMasks.Recorded) is { } inValue) return $"{label}, value, {inValue}";
        }

        return rest.IsEmpty ? null : $"{golden.Name}: there are records beyond the {golden.Records.Count} that were expected.";
    }
}
