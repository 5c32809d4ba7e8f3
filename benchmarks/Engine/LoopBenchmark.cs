using System.Globalization;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Execution;
using Pathway.Graphs;
using Pathway.Storage;

namespace Pathway.Benchmarks;

/// <summary>Loops over a random graph: all edges at once, then some moved in batches, in memory, beside a bare PageRank of the whole graph over arrays.</summary>
internal static class LoopBenchmark
{
    private const int Rounds = 10, Batches = 20;

    /// <summary>Measures and prints processor time.</summary>
    /// <param name="scale">Hundred thousands of edges, with a node for each ten.</param>
    public static void Run(int scale)
    {
        var (edges, nodes) = (100_000 * scale, 10_000 * scale);
        var (graph, bare) = (RandomGraph.Draw(edges, nodes), CpuClock.Start());
        RandomGraph.Ranks(graph, nodes, Rounds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{edges:N0} edges among {nodes:N0} nodes; a bare loop over arrays computes {Rounds} rounds of PageRank in {bare.Elapsed.TotalMilliseconds:N0} ms"));
        Measure<Ranked<int>>("PageRank", edges, nodes, links => PageRank.Of(links, e => e.From, e => e.To, Rounds));
        Measure<InComponent<int>>("components", edges, nodes, links => ConnectedComponents.Of(links.SelectMany(e => new[] { e.From, e.To }), links, e => e.From, e => e.To));
        Measure<AtDistance<int>>("shortest paths", edges, nodes, links => ShortestPaths.From(links.Where(e => e.From == 0).Select(e => e.From), links, e => e.From, e => e.To, e => 1 + (e.To % 10)));
    }

    private static void Measure<TRow>(string title, int edges, int nodes, Func<Table<Link>, Table<TRow>> query)
    {
        var pipeline = Pipeline.Create("benchmark");
        var changes = new Counted<TRow>();
        query(pipeline.Table(new InMemory<Delta<Link>>())).To(new ChangeSink<TRow>(new NoTarget(), changes, "counted"));
        var plan = pipeline.Plan();
        var numbers = plan.StatePaths.Select((path, i) => (path, i)).ToDictionary(p => p.path, p => new OperatorId((uint)p.i + 1));
        using var states = new StateStores(null, new StateOptions { BudgetBytes = 16L << 30 });
        using var engine = new PipelineEngine(plan, states, path => numbers[path]);
        var present = RandomGraph.Draw(edges, nodes);
        var all = new RowBuffer<Delta<Link>>(edges);
        foreach (var link in present) all.Add(new(link, 1));
        var (load, epoch, random) = (Step(engine, 1, all), 1UL, new Random(2));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: load {load.TotalSeconds:N2} s, caches {states.CacheBytes >> 20:N0} MB"));
        foreach (var size in (int[])[1, 10])
        {
            var (time, before) = (TimeSpan.Zero, changes.Rows);
            for (var batch = 0; batch < Batches; batch++)
            {
                var rows = new RowBuffer<Delta<Link>>();
                for (var i = 0; i < size; i++)
                {
                    var at = random.Next(present.Length);
                    rows.Add(new(present[at], -1));
                    present[at] = new(random.Next(nodes), random.Next(nodes));
                    rows.Add(new(present[at], 1));
                }

                time += Step(engine, ++epoch, rows);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: {size} edges moved: {time.TotalMilliseconds / Batches:N2} ms, {(double)(changes.Rows - before) / Batches:N0} changes of the result"));
        }
    }

    private static TimeSpan Step(PipelineEngine engine, ulong epoch, RowBuffer<Delta<Link>> rows)
    {
        var clock = CpuClock.Start();
        engine.Push(0, rows);
        engine.Step(new Epoch(epoch));
        engine.CloseOutput(new Epoch(epoch));
        return clock.Elapsed;
    }

    private sealed class Counted<TRow> : IChangeFormatter<TRow>
    {
        public long Rows { get; private set; }

        public void Format(in TRow row, long weight, Epoch time, OutputBuffer output) => Rows++;
    }
}
