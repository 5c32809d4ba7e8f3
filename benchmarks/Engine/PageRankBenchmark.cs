using System.Diagnostics;
using System.Globalization;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Execution;
using Pathway.Graphs;
using Pathway.Storage;

namespace Pathway.Benchmarks;

/// <summary>PageRank of a random graph that comes in batches, in memory, with one worker and with two; beside it a bare loop over arrays that computes all ranks anew after each batch, with which the result is compared.</summary>
internal static class PageRankBenchmark
{
    private const int Rounds = 10, EdgesPerNode = 10;

    /// <summary>Measures and prints.</summary>
    public static void Run(string[] args)
    {
        var edges = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5_000_000;
        var batches = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100;
        int[] counts = args.Length > 2 ? [int.Parse(args[2], CultureInfo.InvariantCulture)] : [1, 2];
        var nodes = Math.Max(1, edges / EdgesPerNode);
        var links = RandomGraph.Draw(edges, nodes);
        var bare = CpuClock.Start();
        var expected = new long[nodes];
        for (var batch = 1; batch <= batches; batch++) expected = RandomGraph.Ranks(links.AsSpan(0, (int)((long)edges * batch / batches)), nodes, Rounds);
        Print($"{edges:N0} edges in {batches} batches, {nodes:N0} nodes, {Rounds} rounds; a bare loop over arrays, anew after each batch: {bare.Elapsed.TotalSeconds:N1} s");
        foreach (var workers in counts) Stream(links, batches, nodes, workers, expected);
    }

    private static void Stream(Link[] links, int batches, int nodes, int workers, long[] expected)
    {
        var pipeline = Pipeline.Create("benchmark");
        var ranks = new Ranks(nodes);
        PageRank.Of(pipeline.Table(new InMemory<Link>()), e => e.From, e => e.To, Rounds).To(new ChangeSink<Ranked<int>>(new NoTarget(), ranks, "ranks"));
        var plan = pipeline.Plan();
        var numbers = plan.StatePaths.Select((path, i) => (path, i)).ToDictionary(p => p.path, p => new OperatorId((uint)p.i + 1));
        using var states = new StateStores(null, new StateOptions { BudgetBytes = 16L << 30 }, workers);
        using var engine = new PipelineEngine(plan, states, path => numbers[path]);
        var (clock, thread, process, allocated) = (Stopwatch.StartNew(), ThreadClock.Now(), CpuClock.Start(), GC.GetTotalAllocatedBytes());
        for (var batch = 0; batch < batches; batch++)
        {
            var (from, until) = ((int)((long)links.Length * batch / batches), (int)((long)links.Length * (batch + 1) / batches));
            var rows = new RowBuffer<Link>(until - from);
            foreach (var link in links.AsSpan(from, until - from)) rows.Add(link);
            engine.Push(0, rows);
            engine.Step(new Epoch((ulong)batch + 1));
            engine.CloseOutput(new Epoch((ulong)batch + 1));
            if (batch % Math.Max(1, batches / 10) == 0) Console.Error.WriteLine($"  {batch + 1} batches, {process.Elapsed.TotalSeconds:N0} s");
        }

        if (!ranks.All.AsSpan().SequenceEqual(expected)) throw new InvalidOperationException("The ranks differ from those of the bare loop.");
        Print($"{workers} worker(s): {clock.Elapsed.TotalSeconds:N1} s by the clock, processor time {process.Elapsed.TotalSeconds:N1} s, of the thread of the engine {(ThreadClock.Now() - thread).TotalSeconds:N1} s; {ranks.Changes:N0} changes of ranks, caches {states.CacheBytes >> 20:N0} MB, resident {Process.GetCurrentProcess().PeakWorkingSet64 >> 20:N0} MB at most, {(GC.GetTotalAllocatedBytes() - allocated) >> 20:N0} MB allocated");
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>The ranks that came out, by node.</summary>
    private sealed class Ranks(int nodes) : IChangeFormatter<Ranked<int>>
    {
        public long[] All { get; } = new long[nodes];

        public long Changes { get; private set; }

        public void Format(in Ranked<int> row, long weight, Epoch time, OutputBuffer output)
        {
            All[row.Node] += row.Rank * weight;
            Changes++;
        }
    }
}
