using Pathway.Graphs;

namespace Pathway.Tests.Unit.Golden.Cases;

/// <content>Loops.</content>
internal static partial class PathwayOperations
{
    private sealed record OneN(long N);

    private sealed record Edge(long A, long B);

    private sealed record LongEdge(long A, long B, double W);

    private sealed record Walk(long N, long V, long Steps);

    private sealed record KPQ(long K, long P, long Q);

    private sealed record NumberedV(long K, long V);

    private static Dictionary<string, Action<PathwayCase>> Iterations() => new()
    {
        ["08-iterate/bellman-ford-stdlib"] = Paths,
        ["08-iterate/shortest-paths"] = Paths,
        ["08-iterate/collatz"] = c => c.Result(c.Table<OneN>("x").Select(r => new Walk(r.N, r.N, 0))
            .Iterate(x => x.Select(w => w.V == 1 ? w : new Walk(w.N, w.V % 2 == 0 ? w.V / 2 : (3 * w.V) + 1, w.Steps + 1)))
            .Select(w => new { w.N, w.Steps })),
        ["08-iterate/connected-components-cycle"] = Components,
        ["08-iterate/connected-components"] = Components,
        ["08-iterate/iterate-two-tables"] = c =>
        {
            var (a, b) = Loops.Iterate(c.Table<KPQ>("x").Select(x => new NumberedV(x.K, x.P)).Named("p"), c.Table<KPQ>("x").Select(x => new NumberedV(x.K, x.Q)).Named("q"), (a, b) =>
            {
                var least = a.Join(b, r => r.K, r => r.K, (x, y) => new NumberedV(x.K, Math.Min(x.V, y.V)));
                return (least, least);
            });
            c.Result(from x in a join y in b on x.K equals y.K select new { x.K, A = x.V, B = y.V });
        },
        ["08-iterate/iteration-limit"] = c => c.Result(c.Table<OneN>("x").Select(r => new { r.N, V = r.N }).Repeat((int)c.Number("rounds"), x => x.Select(r => new { r.N, V = (2 * r.V) + 1 }))),
        ["08-iterate/pagerank-converged"] = Ranks,
        ["08-iterate/pagerank-stdlib"] = Ranks,
        ["08-iterate/transitive-closure"] = c =>
        {
            var edges = c.Table<Edge>("edges").Distinct();
            c.Result(edges.Iterate(x => x.Concat(x.Join(edges, r => r.B, e => e.A, (r, e) => new Edge(r.A, e.B))).Distinct()));
        },
    };

    private static void Paths(PathwayCase c)
    {
        var (nodes, source) = (c.Table<OneN>("nodes"), c.Number("source"));
        var paths = ShortestPaths.From(nodes.Where(n => n.N == source).Select(n => n.N), c.Table<LongEdge>("edges"), e => e.A, e => e.B, e => e.W);
        c.Result(nodes.LeftJoin(paths, n => n.N, p => p.Node, (n, p) => new { n.N, D = p?.Distance ?? double.PositiveInfinity }));
    }

    private static void Components(PathwayCase c) => c.Result(ConnectedComponents.Of(c.Table<OneN>("nodes").Select(n => n.N), c.Table<Edge>("edges"), e => e.A, e => e.B).Select(n => new { N = n.Node, Label = n.Component }));

    private static void Ranks(PathwayCase c) => c.Result(
        from n in c.Table<OneN>("nodes") join r in PageRank.Of(c.Table<Edge>("edges"), e => e.A, e => e.B, (int)c.Number("steps")) on n.N equals r.Node select new { n.N, r.Rank });
}
