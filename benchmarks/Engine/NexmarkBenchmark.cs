using System.Diagnostics;
using System.Globalization;
using Pathway.Nexmark;
using Pathway.Nexmark.Generator;

namespace Pathway.Benchmarks;

/// <summary>Nexmark: events as JSON lines in a file, a pipeline with commits to disk, its result as JSON lines in a file; thousand events a second of processor time, of all threads together.</summary>
internal static class NexmarkBenchmark
{
    private const int WarmUps = 2, Runs = 3;
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
        // The first runs warm up: code is compiled, the file is in memory. Of the others the one in the middle counts.
        var bare = NexmarkBareLoops.All.TryGetValue(query, out var loop) ? MeasureLoop(loop, events, file, Path.Combine(folder, "bare.jsonl")) : 0;
        var results = new List<Result>();
        for (var run = -WarmUps; run < Runs; run++)
        {
            GC.Collect();
            var result = await MeasureAsync(events, () => RunAsync(query, file, sides, folder));
            if (run >= 0) results.Add(result);
        }

        results.Sort((left, right) => left.Rate.CompareTo(right.Rate));
        var median = results[Runs / 2];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{query}: {median}{(bare > 0 ? $"; bare loop {bare:N0} k, ratio {median.Rate / bare:F2}" : "")}"));
        Console.WriteLine($"    {median.Threads}");
        // In a run of its own, since being told of types takes time.
        using var types = new AllocatedTypes();
        await RunAsync(query, file, sides, folder);
        Console.WriteLine($"    of it: {types.Shares(median.Allocated)}");
    }

    private static double MeasureLoop(Action<string, string> loop, long events, string file, string output)
    {
        loop(file, output);
        loop(file, output);
        var clock = CpuClock.Start();
        for (var run = 0; run < Runs; run++) loop(file, output);
        return Runs * events / clock.Elapsed.TotalSeconds / 1000;
    }

    private static async Task<Result> MeasureAsync(long events, Func<Task<long>> run)
    {
        var (threads, clock, wall, allocated) = (ThreadTimes.Now(), CpuClock.Start(), Stopwatch.StartNew(), GC.GetTotalAllocatedBytes(precise: true));
        var (collections, pause) = (GC.CollectionCount(2), GC.GetTotalPauseDuration());
        var bytes = await run();
        return new Result(
            events / clock.Elapsed.TotalSeconds / 1000, events / wall.Elapsed.TotalSeconds / 1000, (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)events,
            GC.CollectionCount(2) - collections, GC.GetTotalPauseDuration() - pause, bytes, ThreadTimes.Now().Since(threads));
    }

    private readonly record struct Result(double Rate, double WallRate, double Allocated, int Collections, TimeSpan Pause, long Bytes, string Threads)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Rate:N0} k events per CPU second, {WallRate:N0} k/s by the clock on the wall; {Allocated:N0} B allocated an event, {Collections} full collections, {Pause.TotalSeconds:F1} s paused; {Bytes / 1e6:N0} MB out");
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
