using System.Text.Json;
using Pathway.Checkpointing;
using Pathway.Cli;
using Pathway.Connectors;
using Pathway.Storage;
using Pathway.Tests.Unit.Cli;
using Pathway.Tests.Unit.Durability;
using PathwayFiles = Pathway.Connectors.Files;

namespace Pathway.Tests.Unit.Snapshots;

/// <summary>A pipeline that counts and sums numbers by their remainder, into a file or a target in memory; its state, and a store for its snapshots.</summary>
public abstract class SnapshotTest : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private protected readonly string _folder = Directory.CreateTempSubdirectory("snapshots-").FullName;
    private protected long _until;
    private protected MemoryTarget? _target; // null: a file
    private protected Numbers? _numbers; // of the pipeline that was described last

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected string State => Path.Combine(_folder, "state");

    private protected string Store => Path.Combine(_folder, "store");

    private protected string Output => Path.Combine(_folder, "totals.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private protected SnapshotStore Snapshots() => new(new LocalObjectStore(Store), "totals");

    /// <summary>Counts on by so many numbers.</summary>
    private protected Task CountAsync(int more, string state) => RunAsync(_until += more, state);

    private protected Task RunAsync(long until, string state, Func<PipelineOptions, PipelineOptions>? change = null, CancellationToken? stop = null) => Describe(until, state, change).RunAsync(stop: stop ?? Stop);

    private protected Pipeline Describe(long until, string state, Func<PipelineOptions, PipelineOptions>? change = null)
    {
        var pipeline = Pipeline.Create("totals", options => (change ?? (o => o))(options with { StateDirectory = state }));
        pipeline.Table(_numbers = new Numbers(until)).GroupBy(n => n % 7).Select(g => new Total(g.Key, g.Count(), g.Sum(n => n)))
            .To(_target is null ? PathwayFiles.KeyedSink<long, Total>(Output) : new KeyedSink<long, Total>(_target, new JsonKeyedFormatter<long, Total>(MemoryTarget.ViewName), "view"));
        return pipeline;
    }

    private protected Dictionary<long, Total> Expected()
    {
        var totals = new Dictionary<long, Total>();
        for (long n = 1; n <= _until; n++) totals[n % 7] = totals.TryGetValue(n % 7, out var t) ? new Total(t.Key, t.Count + 1, t.Sum + n) : new Total(n % 7, 1, n);
        return totals;
    }

    private protected Dictionary<long, Total> Found()
    {
        var found = new Dictionary<long, Total>();
        foreach (var line in File.ReadAllLines(Output).Select(l => JsonSerializer.Deserialize<Line>(l, Json)!)) found[line.Key] = line.Row!;
        return found;
    }

    private protected static async Task<string> CliAsync(string command)
    {
        var run = await CommandLineTests.RunAsync(command);
        Assert.Equal((ExitCode.Stopped, ""), (run.Code, run.Error));
        return run.Output;
    }

    internal sealed record Total(long Key, long Count, long Sum);

    internal sealed record Line(long Key, Total? Row);
}
