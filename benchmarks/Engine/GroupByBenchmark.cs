using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Checkpointing;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Execution;
using Pathway.Storage;

namespace Pathway.Benchmarks;

/// <summary>Group-by with count and sum over rows in memory, changed groups sent to a sink that drops them, commits to disk every 100 ms, against a bare <see cref="Dictionary{TKey, TValue}"/> over the same rows.</summary>
internal static class GroupByBenchmark
{
    private const int Rows = 4_000_000, Passes = 5, RowsPerEpoch = 50_000, Runs = 3;
    private static readonly TimeSpan CommitEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>A row as a class.</summary>
    internal sealed record Reading(int Sensor, long Value);

    /// <summary>A row as a value.</summary>
    internal readonly record struct ReadingValue(int Sensor, long Value);

    internal readonly record struct Total(int Sensor, long Count, long Sum);

    /// <summary>Measures and prints rows a second of processor time (which a busy machine changes less than the clock), the ratio to the dictionary, and commits.</summary>
    public static void Run()
    {
        foreach (var keys in (int[])[5_000, 1_000_000])
        {
            Compare(keys, "class rows", (key, value) => new Reading(key, value), r => r.Sensor, r => r.Value, t => t.GroupBy(r => r.Sensor).Select(g => new Total(g.Key, g.Count(), g.Sum(r => r.Value))));
            Compare(keys, "struct rows", (key, value) => new ReadingValue(key, value), r => r.Sensor, r => r.Value, t => t.GroupBy(r => r.Sensor).Select(g => new Total(g.Key, g.Count(), g.Sum(r => r.Value))));
        }
    }

    private static void Compare<TRow>(int keys, string title, Func<int, long, TRow> make, Func<TRow, int> keyOf, Func<TRow, long> valueOf, Func<Table<TRow>, Table<int, Total>> query)
    {
        var input = Input(keys, make);
        List<double> bare = [];
        List<Result> engine = [];
        // Alternating, so that what else the machine does meets both.
        for (var run = 0; run <= Runs; run++)
        {
            var dictionaryRate = InDictionary(input, keyOf, valueOf);
            var result = InEngine(input, query);
            if (run == 0) continue;    // warm-up
            bare.Add(dictionaryRate);
            engine.Add(result);
        }

        bare.Sort();
        engine.Sort((left, right) => left.Rate.CompareTo(right.Rate));
        var (dictionary, median) = (bare[Runs / 2], engine[Runs / 2]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{title}, {keys:N0} keys: Dictionary {dictionary / 1e6:F2} M rows/s, engine {median.Rate / 1e6:F2} M rows/s, ratio {median.Rate / dictionary:F2}; ") + median);
    }

    private static RowBuffer<TRow>[] Input<TRow>(int keys, Func<int, long, TRow> make)
    {
        var random = new Random(1);
        var buffers = new RowBuffer<TRow>[Rows / RowsPerEpoch];
        for (var i = 0; i < buffers.Length; i++)
        {
            buffers[i] = new RowBuffer<TRow>(RowsPerEpoch);
            for (var row = 0; row < RowsPerEpoch; row++) buffers[i].Add(make(random.Next(keys), random.Next(1, 1000)));
        }

        return buffers;
    }

    // The delegates stand for the fields: a loop that names them would be another program for each row type.
    private static double InDictionary<TRow>(RowBuffer<TRow>[] input, Func<TRow, int> keyOf, Func<TRow, long> valueOf)
    {
        var groups = new Dictionary<int, (long Count, long Sum)>();
        Fill(groups, input, keyOf, valueOf);    // groups exist, as they do in a running pipeline
        var clock = CpuClock.Start();
        Fill(groups, input, keyOf, valueOf);
        return Rows / clock.Elapsed.TotalSeconds;
    }

    private static void Fill<TRow>(Dictionary<int, (long Count, long Sum)> groups, RowBuffer<TRow>[] input, Func<TRow, int> keyOf, Func<TRow, long> valueOf)
    {
        foreach (var buffer in input)
        {
            foreach (ref readonly var row in buffer.Rows)
            {
                ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, keyOf(row), out _);
                group.Count++;
                group.Sum += valueOf(row);
            }
        }
    }

    private static Result InEngine<TRow>(RowBuffer<TRow>[] input, Func<Table<TRow>, Table<int, Total>> query)
    {
        var sink = new Dropped<int, Total>();
        var pipeline = Pipeline.Create("benchmark");
        query(pipeline.Table(new InMemory<TRow>())).To(new KeyedSink<int, Total>(new NoTarget(), sink, "dropped"));
        var folder = Directory.CreateTempSubdirectory("pathway-bench-").FullName;
        try
        {
            using var db = StateDb.Open(Path.Combine(folder, "db"));
            using var log = CommitLog.Open(new LocalDisk(), Path.Combine(folder, "log"), CommitNumber.None, new CommitLogOptions());
            using var states = new StateStores(db, new StateOptions { BudgetBytes = 1 << 30 });
            using var commits = new CommitWriter(log, new CommitIndex(), new Incarnation(Guid.NewGuid()), () => [], NullLogger.Instance, TimeProvider.System);
            using var circuit = new PipelineEngine(pipeline.Plan(), states, _ => new OperatorId(1));
            var run = new EngineRun(circuit, states, commits);
            Run(run, input, sink, passes: 1); // groups exist, as they do in a running pipeline
            return Run(run, input, sink, Passes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Result Run<TRow>(EngineRun run, RowBuffer<TRow>[] input, Dropped<int, Total> sink, int passes)
    {
        var (clock, wall, committed, commits, bytes) = (CpuClock.Start(), Stopwatch.StartNew(), TimeSpan.Zero, 0, 0L);
        var (allocated, rowsBefore) = (GC.GetAllocatedBytesForCurrentThread(), sink.Rows);
        for (var i = 0; i < input.Length * passes; i++)
        {
            run.Step(input[i % input.Length]);
            if (wall.Elapsed - committed < CommitEvery && i + 1 < input.Length * passes) continue;
            committed = wall.Elapsed;
            bytes += run.Commit();
            commits++;
        }

        run.Commits.Drain();
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return new Result(Rows * (long)passes / clock.Elapsed.TotalSeconds, Rows * (long)passes / wall.Elapsed.TotalSeconds, commits, bytes, sink.Rows - rowsBefore, wall.Elapsed.TotalMilliseconds, (double)allocated / Rows / passes);
    }

    private readonly record struct Result(double Rate, double WallRate, int Commits, long Bytes, long Upserts, double TotalMs, double Allocated)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{WallRate / 1e6:F2} M rows/s by the clock on the wall; {Commits} commits every {TotalMs / Commits:F0} ms of {Bytes / 1e6 / Commits:F2} MB and {Upserts / Commits:N0} upserts each; {Allocated:F2} B allocated a row");
    }
}
