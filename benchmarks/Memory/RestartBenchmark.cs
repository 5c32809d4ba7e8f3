using System.Diagnostics;
using System.Globalization;
using Pathway.Connectors;

namespace Pathway.Benchmarks;

/// <summary>How long a start over a large state takes: a process builds the state (the last document of each key), is stopped or killed, and another one starts over it, until its first new rows are durable in the output.</summary>
/// <remarks>Each run is a process of its own, so that what the runtime takes to start is in it; times count from before that process is made. Documents are random, so that they take the room that they say.</remarks>
internal static class RestartBenchmark
{
    private const int DocumentBytes = 4096;
    private const long MemoryBytes = 512L << 20;

    internal sealed record Document(int Id, long Version, string Text);

    internal sealed record Version(int Id, long Number);

    /// <summary>Measures and prints. Arguments: gigabytes of state (10).</summary>
    public static async Task RunAsync(IReadOnlyList<string> arguments)
    {
        if (arguments is ["run", var folder, var documents, var rows])
        {
            await RunAsync(folder, long.Parse(documents, CultureInfo.InvariantCulture), long.Parse(rows, CultureInfo.InvariantCulture));
            return;
        }

        var gigabytes = arguments.Count > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 10;
        var root = Directory.CreateTempSubdirectory("pathway-restart-").FullName;
        try
        {
            var count = gigabytes * 1_000_000_000L / DocumentBytes;
            var clock = Stopwatch.StartNew();
            using (var building = Begin(root, count, count)) await building.WaitForExitAsync();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"built {count / 1e6:N1} M documents of {DocumentBytes} bytes in {clock.Elapsed.TotalSeconds:F0} s: {Describe(root)}"));
            var empty = Directory.CreateDirectory(Path.Combine(root, "empty")).FullName;
            using (var first = Begin(empty, 1_000, 1_000)) await first.WaitForExitAsync();
            await StartAsync(empty, 1_000, rows: 2_000, "over next to nothing");
            for (var run = 0; run < 3; run++) await StartAsync(root, count, rows: count + 1_000 * (run + 1), "behind a stop");
            await KillAsync(root, count, rows: count + 300_000);
            await StartAsync(root, count, rows: count + 400_000, "behind a kill");
            DropCaches();
            await StartAsync(root, count, rows: count + 500_000, "with nothing in the system's caches of files");
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    // Behind the first of each document its later versions come.
    private static async Task RunAsync(string folder, long documents, long rows)
    {
        Storage.NativeMemory.LimitArenas();
        var pipeline = Pipeline.Create("restart", options => options with { StateDirectory = Path.Combine(folder, "state"), MemoryBytes = MemoryBytes });
        pipeline.Table(new MadeUpRows<Document>("documents", rows, RowBytes: 2 * DocumentBytes, AreOneTransaction: false, n => DocumentOf(n, documents)))
            .GroupBy(d => d.Id).Select(g => g.Latest(d => d)).Where(d => d.Id % 10 == 0).Select(d => new Version(d.Id, d.Version))
            .To(Files.KeyedSink<int, Version>(Path.Combine(folder, "versions.jsonl")));
        await pipeline.RunAsync();
    }

    private static Document DocumentOf(long n, long documents)
    {
        var bits = new byte[DocumentBytes / 4 * 3];
        new Random((int)n).NextBytes(bits);
        return new Document((int)(n % documents), n, Convert.ToBase64String(bits));
    }

    private static Process Begin(string folder, long documents, long rows) =>
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["restart", "run", folder, $"{documents}", $"{rows}"]))!;

    private static async Task StartAsync(string folder, long documents, long rows, string title)
    {
        var output = Path.Combine(folder, "versions.jsonl");
        var before = new FileInfo(output).Length;
        var described = Describe(folder);
        var clock = Stopwatch.StartNew();
        using var process = Begin(folder, documents, rows);
        while (new FileInfo(output).Length <= before && !process.HasExited) await Task.Delay(1);
        var first = clock.Elapsed;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0 || new FileInfo(output).Length <= before) throw new InvalidOperationException($"The run ended with {process.ExitCode} and gave nothing.");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: first row after {first.TotalSeconds:F2} s, {described}"));
    }

    private static async Task KillAsync(string folder, long documents, long rows)
    {
        var log = Path.Combine(folder, "state", "log");
        using var process = Begin(folder, documents, rows);
        while (Bytes(log) < 50 << 20 && !process.HasExited) await Task.Delay(1);
        process.Kill();
        await process.WaitForExitAsync();
    }

    private static string Describe(string folder) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Bytes(Path.Combine(folder, "state", "state")) / 1e9:F2} GB in {Directory.GetFiles(Path.Combine(folder, "state", "state"), "*.sst").Length} files, {Bytes(Path.Combine(folder, "state", "log")) / 1e6:F0} MB of log");

    private static long Bytes(string folder) => Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Exists ? f.Length : 0) : 0;

    private static void DropCaches()
    {
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "3");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.WriteLine($"the caches can't be dropped here: {e.Message}");
        }
    }
}
