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
        using var output = new OutputBuffer();
        Format(golden, new DebeziumJsonFormatter(GoldenOptions.Of(golden) with { Schemas = schemas }, TimeProvider.System), output);
        if (GoldenComparer.FirstDifference(golden, Records(output), schemas, GoldenMasks.Recorded) is { } difference) Assert.Fail(difference);
    }

    /// <summary>Writes the records of a scenario, as far as it goes where it is to stop at a value that can't be carried.</summary>
    private static void Format(GoldenScenario golden, DebeziumFormatter formatter, OutputBuffer output)
    {
        try
        {
            formatter.Format(CollectionsMarshal.AsSpan(GoldenReplay.Changes(golden)), output);
        }
        catch (BadDataException) when (formatter.Options.Types.FailOnLoss)
        {
            // The recording ends there, too.
        }
    }

    private static List<FoundRecord> Records(OutputBuffer output)
    {
        var records = new List<FoundRecord>();
        for (var rest = output.Bytes.Span; !rest.IsEmpty;)
        {
            var row = OutputBuffer.Read(ref rest, output.Destinations);
            var headers = new List<(string, byte[])>();
            for (var encoded = row.Headers; !encoded.IsEmpty;) headers.Add(OutputBuffer.ReadHeader(ref encoded));
            records.Add(new FoundRecord(row.Destination, row.HasKey ? row.Key.ToArray() : null, row.HasValue ? row.Value.ToArray() : null, headers));
        }

        return records;
    }
}
