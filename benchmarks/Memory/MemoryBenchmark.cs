using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Pathway.Connectors;

namespace Pathway.Benchmarks;

/// <summary>Group-by with count and sum over more groups than fit into memory: first each group once, then rows of groups drawn at random. Rows a second, what the process has in memory, and whether the result is right.</summary>
internal static class MemoryBenchmark
{
    internal readonly record struct Reading(int Sensor, long Value);

    internal readonly record struct Total(int Sensor, long Count, long Sum);

    /// <summary>Measures and prints. Arguments: million groups (2), megabytes of memory (100), million rows behind the first of each group (2), how they are drawn: uniform or skewed (nine of ten from a tenth of the groups), or transaction: uniform, and all rows come in one transaction.</summary>
    public static async Task RunAsync(IReadOnlyList<string> arguments)
    {
        var load = new Load(Number(arguments, 0, 2), Number(arguments, 2, 2), arguments.ElementAtOrDefault(3) == "skewed", arguments.ElementAtOrDefault(3) == "transaction");
        var memoryBytes = Number(arguments, 1, 100) << 20;
        var folder = Directory.CreateTempSubdirectory("pathway-memory-").FullName;
        try
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load.Groups / 1e6:N1} M groups, {load.Rows / 1e6:N1} M rows, memory {memoryBytes >> 20} MB; before the start {ResidentBytes("VmRSS") / 1e6:N0} MB resident"));
            await RunAsync(load, memoryBytes, folder);
            Verify(load, Path.Combine(folder, "totals.jsonl"));
            await RestartAsync(load, memoryBytes, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long Number(IReadOnlyList<string> arguments, int at, long usual) => arguments.Count > at ? long.Parse(arguments[at], CultureInfo.InvariantCulture) : usual;

    private static async Task RunAsync(Load load, long memoryBytes, string folder)
    {
        var pipeline = Describe(load, load.Rows, memoryBytes, folder);
        var clock = Stopwatch.StartNew();
        var cpu = CpuClock.Start();
        var threads = ThreadTimes.Now();
        var running = pipeline.RunAsync();
        var (rows, second, most) = (0L, TimeSpan.Zero, 0L);
        (TimeSpan Clock, TimeSpan Cpu)? filled = null;
        while (!running.IsCompleted)
        {
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(100)));
            most = Math.Max(most, ResidentBytes("VmRSS"));
            if (filled is null && pipeline.Status.RowsRead >= load.Groups) filled = (clock.Elapsed, cpu.Elapsed);
            if (clock.Elapsed - second < TimeSpan.FromSeconds(5)) continue;
            Print(pipeline.Status, clock.Elapsed, most, (pipeline.Status.RowsRead - rows) / (clock.Elapsed - second).TotalSeconds);
            (rows, second) = (pipeline.Status.RowsRead, clock.Elapsed);
        }

        await running;
        var end = (Clock: clock.Elapsed, Cpu: cpu.Elapsed);
        var first = filled ?? end;
        var more = load.Rows - load.Groups;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"by the clock: {Rate(load.Groups, first.Clock)} while groups came, {Rate(more, end.Clock - first.Clock)} over groups that are there"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"by processor time: {Rate(load.Groups, first.Cpu)} while groups came, {Rate(more, end.Cpu - first.Cpu)} over groups that are there, {Rate(load.Rows, end.Cpu)} together"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"resident: {most / 1e6:N0} MB at most ({most / (double)memoryBytes:P0} of {memoryBytes >> 20} MB; the kernel's own mark {ResidentBytes("VmHWM") / 1e6:N0} MB); {GC.CollectionCount(2)} full collections, {GC.GetTotalPauseDuration().TotalSeconds:F1} s paused"));
        Console.WriteLine($"    {ThreadTimes.Now().Since(threads)}");
    }

    private static Pipeline Describe(Load load, long rows, long memoryBytes, string folder)
    {
        var pipeline = Pipeline.Create("memory", options => options with { StateDirectory = Path.Combine(folder, "state"), MemoryBytes = memoryBytes });
        var every = (int)Math.Max(1, load.Groups / 1000);
        Func<long, Reading> rowOf = n => new Reading(load.SensorOf(n), n % 1000);
        var readings = load.IsOneTransaction ? pipeline.Table(new MadeUpRows<Reading>("readings", rows, RowBytes: 32, AreOneTransaction: true, rowOf)) : pipeline.Table(Generators.Rows("readings", $"{load}", rowOf, new GeneratorOptions { Rows = rows }));
        readings.GroupBy(r => r.Sensor).Select(g => new Total(g.Key, g.Count(), g.Sum(r => r.Value))).Where(t => t.Sensor % every == 0).To(Files.KeyedSink<int, Total>(Path.Combine(folder, "totals.jsonl")));
        return pipeline;
    }

    private static string Rate(long rows, TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{rows / Math.Max(0.001, time.TotalSeconds) / 1e3:N0} k rows/s");

    // In the same process: what the runtime takes to start isn't in it.
    private static async Task RestartAsync(Load load, long memoryBytes, string folder)
    {
        var pipeline = Describe(load, load.Rows + 100_000, memoryBytes, folder);
        var clock = Stopwatch.StartNew();
        var running = pipeline.RunAsync();
        while (pipeline.Status.Commits == 0 && !running.IsCompleted) await Task.Delay(1);
        var first = clock.Elapsed;
        await running;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"restart: first rows committed after {first.TotalSeconds:F2} s, with {pipeline.Status.CheckpointBytes / 1e6:N0} MB in RocksDB and {pipeline.Status.LogBytes / 1e6:N0} MB of log"));
    }

    private static void Print(PipelineStatus status, TimeSpan at, long most, double rate) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{at.TotalSeconds,5:F0} s: {status.RowsRead / 1e6,6:F1} M rows, {rate / 1e3,6:N0} k/s, resident {ResidentBytes("VmRSS") / 1e6:N0} MB (at most {most / 1e6:N0}), caches {status.StateBytes / 1e6:N0} MB, managed {GC.GetTotalMemory(false) / 1e6:N0} MB of {GC.GetGCMemoryInfo().TotalCommittedBytes / 1e6:N0} MB, log {status.LogBytes / 1e6:N0} MB, RocksDB {status.CheckpointBytes / 1e6:N0} MB"));

    // The last line of a group is its result.
    private static void Verify(Load load, string file)
    {
        var every = (int)Math.Max(1, load.Groups / 1000);
        var expected = new Dictionary<int, Total>();
        for (var n = 0L; n < load.Rows; n++)
        {
            var sensor = load.SensorOf(n);
            if (sensor % every != 0) continue;
            var before = expected.GetValueOrDefault(sensor);
            expected[sensor] = new Total(sensor, before.Count + 1, before.Sum + (n % 1000));
        }

        var found = new Dictionary<int, Total>();
        foreach (var line in File.ReadLines(file))
        {
            using var json = JsonDocument.Parse(line);
            var row = json.RootElement.GetProperty("row");
            found[json.RootElement.GetProperty("key").GetInt32()] = new Total(Member(row, "sensor").GetInt32(), Member(row, "count").GetInt64(), Member(row, "sum").GetInt64());
        }

        var wrong = expected.Count(e => !found.TryGetValue(e.Key, out var total) || total != e.Value);
        Console.WriteLine($"{expected.Count:N0} groups looked at, {wrong} wrong");
    }

    private static JsonElement Member(JsonElement row, string name) => row.EnumerateObject().First(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>What the kernel says of this process.</summary>
    private static long ResidentBytes(string what)
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
            if (line.StartsWith(what, StringComparison.Ordinal)) return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
        return 0;
    }

    /// <summary>Which rows come.</summary>
    private sealed record Load(long MillionGroups, long MillionMore, bool IsSkewed, bool IsOneTransaction)
    {
        public long Groups => MillionGroups * 1_000_000;

        public long Rows => (MillionGroups + MillionMore) * 1_000_000;

        public int SensorOf(long n)
        {
            // A factor without a divisor in common with a power of ten goes through all groups.
            if (n < Groups) return (int)(n * 7_654_321 % Groups);
            var random = Mix((ulong)n);
            var groups = IsSkewed && random % 10 != 0 ? Groups / 10 : Groups;
            return (int)((random >> 8) % (ulong)groups * 7_654_321 % (ulong)Groups);
        }

        // SplitMix64.
        private static ulong Mix(ulong n)
        {
            n = (n + 1) * 0x9E3779B97F4A7C15;
            n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9;
            n = (n ^ (n >> 27)) * 0x94D049BB133111EB;
            return n ^ BitOperations.RotateRight(n, 31);
        }
    }
}
