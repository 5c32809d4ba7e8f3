using Pathway.Graphs;

namespace Pathway.Tests.Programs;

/// <summary>Loops over edges that come and go: what is reached from node 0, how far that is, which nodes hang together, and their ranks.</summary>
public static class Graph
{
    public sealed record Edge(int From, int To, int Length, bool IsThere) : IMayGo;

    public const int Rounds = 6;

    public sealed record Reached(int Node);

    internal static void Describe(Pipeline pipeline, string folder)
    {
        var edges = TestPrograms.Read<(int, int), Edge>(pipeline, folder, "edges.jsonl", e => (e.From, e.To));
        var start = edges.Select(_ => new Reached(0)).Named("start").Distinct();
        start.Iterate(x => x.Concat(x.Join(edges, r => r.Node, e => e.From, (_, e) => new Reached(e.To))).Distinct()).To(folder, "reached.jsonl");
        ShortestPaths.From(start.Select(r => r.Node), edges, e => e.From, e => e.To, e => e.Length).To(folder, "distances.jsonl");
        var nodes = edges.SelectMany(e => new[] { e.From, e.To });
        ConnectedComponents.Of(nodes, edges, e => e.From, e => e.To).To(folder, "components.jsonl");
        PageRank.Of(edges, e => e.From, e => e.To, Rounds).To(folder, "ranks.jsonl");
    }
}
