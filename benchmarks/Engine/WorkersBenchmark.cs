using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Checkpointing;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Execution;
using Pathway.Storage;

namespace Pathway.Benchmarks;

/// <summary>The same rows through one, two and four workers, commits to disk every 100 ms: a group-by, and a join with a group-by behind it.</summary>
/// <remarks>By the clock on the wall, since what several threads give is time; beside it the processor time of the thread that all others meet, which is what it would be with a core for each worker, and that of the whole process.</remarks>
internal static class WorkersBenchmark
{
    private const int Rows = 4_000_000, RowsPerEpoch = 50_000, Keys = 1_000_000, Customers = 200_000, Regions = 500, Runs = 3;
    private static readonly TimeSpan CommitEvery = TimeSpan.FromMilliseconds(100);

    internal sealed record Reading(int Sensor, long Value);

    internal sealed record Customer(int Id, int Region);

    internal sealed record Order(int Id, int Customer, long Amount);

    internal readonly record struct Total(int Key, long Count, long Sum);

    /// <summary>Measures and prints rows a second and the ratio to one worker.</summary>
    public static void Run()
    {
        var random = new Random(1);
        var readings = Input(Rows, _ => new Reading(random.Next(Keys), random.Next(1, 1000)));
        Compare("group-by, 1 M groups", Rows, workers => GroupBy(workers, readings));
        var customers = Input(Customers, i => new Customer(i, i % Regions));
        var orders = Input(Rows / 2, i => new Order(i, random.Next(Customers), random.Next(1, 1000)));
        Compare("join with 200 k rows and group-by, 500 groups", Rows / 2, workers => Join(workers, customers, orders));
    }

    private readonly record struct Times(TimeSpan Wall, TimeSpan Engine, TimeSpan Process);

    private static void Compare(string title, long rows, Func<int, Times> measure)
    {
        int[] counts = [1, 2, 4];
        var times = counts.ToDictionary(c => c, _ => new List<Times>());
        // Alternating, so that what else the machine does meets all.
        for (var run = 0; run <= Runs; run++)
        {
            foreach (var workers in counts)
            {
                GC.Collect();
                var time = measure(workers);
                if (run > 0) times[workers].Add(time);    // the first is warm-up
            }
        }

        var one = Median(times[1]);
        foreach (var workers in counts)
        {
            var median = Median(times[workers]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{title}, {workers} workers: {rows / median.Wall.TotalSeconds / 1e6:F2} M rows/s, {one.Wall / median.Wall:F2} × one worker; thread of the engine {median.Engine.TotalSeconds:F2} s, {one.Engine / median.Engine:F2} ×; process {median.Process.TotalSeconds:F2} s, {median.Process / one.Process:F2} ×"));
        }
    }

    private static Times Median(List<Times> times)
    {
        TimeSpan Of(Func<Times, TimeSpan> of) => times.Select(of).Order().ElementAt(times.Count / 2);
        return new Times(Of(t => t.Wall), Of(t => t.Engine), Of(t => t.Process));
    }

    private static Times GroupBy(int workers, RowBuffer<Reading>[] readings) => InEngine(
        workers, pipeline => pipeline.Table(new InMemory<Reading>()).GroupBy(r => r.Sensor).Select(g => new Total(g.Key, g.Count(), g.Sum(r => r.Value))),
        [(0, readings)], (0, readings));

    private static Times Join(int workers, RowBuffer<Customer>[] customers, RowBuffer<Order>[] orders) => InEngine(
        workers,
        pipeline =>
            from c in pipeline.Table(new InMemory<Customer>("customers"))
            join o in pipeline.Table(new InMemory<Order>("orders")) on c.Id equals o.Customer
            group o by c.Region into g
            select new Total(g.Key, g.Count(), g.Sum(o => o.Amount)),
        [(0, customers)], (1, orders));

    private static Times InEngine(int workers, Func<Pipeline, Table<int, Total>> query, (int Input, IReadOnlyList<IRowBuffer> Rows)[] before, (int Input, IReadOnlyList<IRowBuffer> Rows) measured)
    {
        var pipeline = Pipeline.Create("benchmark");
        query(pipeline).To(new KeyedSink<int, Total>(new NoTarget(), new Dropped<int, Total>(), "dropped"));
        var plan = pipeline.Plan();
        var numbers = plan.StatePaths.Select((path, i) => (path, i)).ToDictionary(p => p.path, p => new OperatorId((uint)p.i + 1));
        var folder = Directory.CreateTempSubdirectory("pathway-bench-").FullName;
        try
        {
            using var db = StateDb.Open(Path.Combine(folder, "db"));
            using var log = CommitLog.Open(new LocalDisk(), Path.Combine(folder, "log"), CommitNumber.None, new CommitLogOptions());
            using var states = new StateStores(db, new StateOptions { BudgetBytes = 1 << 30 }, workers);
            using var commits = new CommitWriter(log, new CommitIndex(), new Incarnation(Guid.NewGuid()), () => [], NullLogger.Instance, TimeProvider.System);
            using var engine = new PipelineEngine(plan, states, path => numbers[path]);
            var run = new EngineRun(engine, states, commits);
            foreach (var (input, rows) in before) Run(run, input, rows);
            var (clock, thread, process) = (Stopwatch.StartNew(), ThreadClock.Now(), CpuClock.Start());
            Run(run, measured.Input, measured.Rows);
            return new Times(clock.Elapsed, ThreadClock.Now() - thread, process.Elapsed);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Run(EngineRun run, int input, IReadOnlyList<IRowBuffer> rows)
    {
        var (clock, committed) = (Stopwatch.StartNew(), TimeSpan.Zero);
        for (var i = 0; i < rows.Count; i++)
        {
            run.Step(rows[i], input);
            if (clock.Elapsed - committed < CommitEvery && i + 1 < rows.Count) continue;
            committed = clock.Elapsed;
            run.Commit();
        }

        run.Commits.Drain();
    }

    private static RowBuffer<TRow>[] Input<TRow>(int rows, Func<int, TRow> make)
    {
        var buffers = new RowBuffer<TRow>[rows / RowsPerEpoch];
        for (var i = 0; i < buffers.Length; i++)
        {
            buffers[i] = new RowBuffer<TRow>(RowsPerEpoch);
            for (var row = 0; row < RowsPerEpoch; row++) buffers[i].Add(make(i * RowsPerEpoch + row));
        }

        return buffers;
    }
}
