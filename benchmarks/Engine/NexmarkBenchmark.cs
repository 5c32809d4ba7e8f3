using System.Diagnostics;
using System.Globalization;
using Pathway.Nexmark;
using Pathway.Nexmark.Generator;

namespace Pathway.Benchmarks;

/// <summary>Nexmark: events as JSON lines in a file, a pipeline with commits to disk, its result as JSON lines in a file; thousand events a second of processor time, of all threads together.</summary>
internal static class NexmarkBenchmark
{
    private static readonly string[] Usual = ["q0", "q3", "q4", "q9", "q18", "q20"];

    /// <summary>Measures and prints. Arguments: how many events (1 000 000), and names of queries (those with an aim).</summary>
    public static async Task RunAsync(IReadOnlyList<string> arguments)
    {
        var events = arguments.Count > 0 && long.TryParse(arguments[0], CultureInfo.InvariantCulture, out var asked) ? asked : 1_000_000;
        var queries = arguments.Where(NexmarkQueries.All.ContainsKey).ToList();
        var folder = Directory.CreateTempSubdirectory("pathway-nexmark-").FullName;
        try
        {
            var (file, sides) = (Path.Combine(folder, "events.jsonl"), Path.Combine(folder, "side.jsonl"));
            using (var output = File.Create(file)) new NexmarkGenerator(NexmarkSettings.Usual(events)).WriteTo(output);
            NexmarkTables.WriteSides(sides);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{events:N0} events, {new FileInfo(file).Length / 1e6:N0} MB"));
            foreach (var query in queries.Count > 0 ? queries : [.. Usual]) await MeasureAsync(query, events, file, sides, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string query, long events, string file, string sides, string folder)
    {
        // The first run of each warms up: code is compiled, the file is in memory.
        double? bare = null;
        if (NexmarkBareLoops.All.TryGetValue(query, out var loop))
        {
            loop(file, Path.Combine(folder, "bare.jsonl"));
            var loopClock = CpuClock.Start();
            loop(file, Path.Combine(folder, "bare.jsonl"));
            bare = events / loopClock.Elapsed.TotalSeconds / 1000;
        }

        await RunAsync(query, file, sides, folder);
        GC.Collect();
        var (threads, clock, wall, allocated) = (ThreadTimes.Now(), CpuClock.Start(), Stopwatch.StartNew(), GC.GetTotalAllocatedBytes(precise: true));
        var (collections, pause) = (GC.CollectionCount(2), GC.GetTotalPauseDuration());
        var bytes = await RunAsync(query, file, sides, folder);
        var (rate, perEvent) = (events / clock.Elapsed.TotalSeconds / 1000, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)events);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{query}: {rate:N0} k events per CPU second, {events / wall.Elapsed.TotalSeconds / 1000:N0} k/s by the clock on the wall; {(bare is { } b ? $"bare loop {b:N0} k, ratio {rate / b:F2}; " : "")}{perEvent:N0} B allocated an event, {GC.CollectionCount(2) - collections} full collections, {(GC.GetTotalPauseDuration() - pause).TotalSeconds:F1} s paused; {bytes / 1e6:N0} MB out"));
        Console.WriteLine($"    {ThreadTimes.Now().Since(threads)}");
    }

    private static async Task<long> RunAsync(string query, string file, string sides, string folder)
    {
        var (state, output) = (Path.Combine(folder, "state"), Path.Combine(folder, "out.jsonl"));
        var pipeline = Pipeline.Create("nexmark", options => options with { StateDirectory = state });
        NexmarkQueries.All[query](NexmarkTables.Read(pipeline, file, sides), output);
        await pipeline.RunAsync();
        var bytes = new FileInfo(output).Length;
        Directory.Delete(state, recursive: true);
        foreach (var written in Directory.GetFiles(folder, "*").Where(f => f != file && f != sides)) File.Delete(written);
        return bytes;
    }
}
