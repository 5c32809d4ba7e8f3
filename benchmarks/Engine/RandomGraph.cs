using Pathway.Graphs;

namespace Pathway.Benchmarks;

/// <summary>An edge.</summary>
internal readonly record struct Link(int From, int To);

/// <summary>Graphs whose edges are drawn at random, the same each time, and the ranks of their nodes by a bare loop over arrays.</summary>
internal static class RandomGraph
{
    public static Link[] Draw(int edges, int nodes)
    {
        var random = new Random(1);
        var links = new Link[edges];
        for (var i = 0; i < edges; i++) links[i] = new Link(random.Next(nodes), random.Next(nodes));
        return links;
    }

    /// <summary>The rank of each node; 0 for one without edges.</summary>
    public static long[] Ranks(ReadOnlySpan<Link> links, int nodes, int rounds)
    {
        var (leaving, isThere, ranks, next) = (new int[nodes], new bool[nodes], new long[nodes], new long[nodes]);
        foreach (var link in links) (isThere[link.From], isThere[link.To], leaving[link.From]) = (true, true, leaving[link.From] + 1);
        Array.Fill(ranks, PageRank.Unit);
        for (var round = 0; round < rounds; round++)
        {
            Array.Fill(next, PageRank.Unit / 6);
            foreach (var link in links) next[link.To] += ranks[link.From] * 5 / (leaving[link.From] * 6);
            (ranks, next) = (next, ranks);
        }

        for (var node = 0; node < nodes; node++)
            if (!isThere[node]) ranks[node] = 0;
        return ranks;
    }
}
