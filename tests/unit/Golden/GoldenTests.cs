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

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Format_RecordedChangesAsAvro_GivesRecordedBytes(string scenario)
    {
        var golden = GoldenScenario.Load(scenario);
        var registry = new MemoryRegistry();
        using var output = new OutputBuffer();
        var formatter = new DebeziumAvroFormatter(GoldenOptions.Of(golden), registry, TimeProvider.System);
        if (golden.Records.Any(record => record.IsRefusedByAvro))
        {
            var refusal = Assert.Throws<ConfigurationException>(() => Format(golden, formatter, output));
            Assert.Contains("field.name.adjustment.mode", refusal.Message, StringComparison.Ordinal);
            return;
        }

        Format(golden, formatter, output);
        if (GoldenAvro.FirstDifference(golden, Records(output), registry) is { } difference) Assert.Fail(difference);
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Format_ByDefault_DiffersOnlyWhereListed(string scenario)
    {
        var name = scenario[(scenario.LastIndexOf('/') + 1)..];
        var golden = GoldenScenario.Load(scenario);
        var found = Differences(golden, name);
        if (Environment.GetEnvironmentVariable("PATHWAY_GOLDEN_DIFFERENCES") is { } file) lock (Lock) File.AppendAllLines(file, found.Select(difference => difference.ToLine()));
        if (!GoldenDifferences.Scenarios.Contains(name)) Assert.Skip($"{name}: a further recording, whose differences aren't listed.");

        var listed = GoldenDifferences.All.Where(difference => difference.Scenario == name).Select(difference => difference with { Reason = "" }).ToList();
        Assert.Equal(listed.Select(difference => difference.ToLine()), found.Select(difference => (difference with { Reason = "" }).ToLine()));
    }

    [Fact]
    public void Differences_InTheDocumentation_AreThoseOfTheTests()
    {
        var text = File.ReadAllText(Path.Combine(GoldenFolders.Repository, "docs", "DEBEZIUM.md")).ReplaceLineEndings("\n");
        Assert.Contains(GoldenDifferences.ToMarkdown(), text, StringComparison.Ordinal);
    }

    private static readonly Lock Lock = new();

    private static List<GoldenDifferences> Differences(GoldenScenario golden, string name)
    {
        using var output = new OutputBuffer();
        Format(golden, new DebeziumJsonFormatter(GoldenOptions.Of(golden) with { Schemas = true, Compatibility = Compatibility.Right }, TimeProvider.System), output);
        var records = Records(output).Where(record => !record.Topic.StartsWith("__debezium-heartbeat", StringComparison.Ordinal)).ToList();
        var recorded = golden.Records.Where(record => !record.IsHeartbeat).ToList();
        Assert.Equal(recorded.Count, records.Count);
        return
        [
            .. recorded.Zip(records).SelectMany(pair => GoldenComparer.Differences(pair.First, pair.Second, schemas: true, GoldenMasks.Recorded)
                .Select(difference => new GoldenDifferences(name, pair.First.Number, $"{difference.Part} {difference.Path}".TrimEnd(), difference.Found, $"was {difference.Expected}"))),
        ];
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Format_ByDefaultAsAvro_IsReadByApacheAvro(string scenario)
    {
        var golden = GoldenScenario.Load(scenario);
        if (golden.Records.Any(record => record.IsRefusedByAvro)) return;
        var registry = new MemoryRegistry();
        using var output = new OutputBuffer();
        Format(golden, new DebeziumAvroFormatter(GoldenOptions.Of(golden) with { Compatibility = Compatibility.Right }, registry, TimeProvider.System), output);
        foreach (var bytes in Records(output).SelectMany(record => new[] { record.Key, record.Value }).OfType<byte[]>())
        {
            var schema = registry.SchemaOf(System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1)));
            Assert.Equal(bytes[5..], AvroText.Write(AvroText.Read(bytes, schema), schema));
        }
    }

    public static TheoryData<string> Scenarios() => [.. GoldenFolders.All.Keys];

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
