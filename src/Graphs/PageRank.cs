using System.Runtime.CompilerServices;

namespace Pathway.Graphs;

/// <summary>A node and its rank.</summary>
/// <param name="Node">The node.</param>
/// <param name="Rank">Its rank, in parts of <see cref="PageRank.Unit"/>.</param>
public readonly record struct Ranked<TNode>(TNode Node, long Rank);

/// <summary>How much the nodes of a graph are pointed at by nodes that are pointed at.</summary>
public static class PageRank
{
    /// <summary>The rank that nodes have on average, as long as none is without an edge that leaves it.</summary>
    public const long Unit = 6000;

    /// <summary>Each node that has an edge, with its rank after so many <paramref name="rounds"/>: a node gives five sixths of its rank to the edges that leave it, in equal parts, and has one sixth of the unit from the start.</summary>
    /// <param name="edges">The edges; parallel ones count each.</param>
    /// <param name="from">Where an edge begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="rounds">How many rounds.</param>
    /// <param name="name">A name for its steps, under which their state is found; where a pipeline does this twice, each needs one. Default: "PageRank".</param>
    /// <param name="fromText">The text of <paramref name="from"/>, for the plan.</param>
    /// <param name="toText">That of <paramref name="to"/>.</param>
    /// <remarks>Whole numbers, rounded down: a change far away dies out in the rounding rather than run through the whole graph, and what came and went leaves no trace.</remarks>
    public static Table<Ranked<TNode>> Of<TNode, TEdge>(
        ITable<TEdge> edges, Func<TEdge, TNode> from, Func<TEdge, TNode> to, int rounds, string? name = null,
        [CallerArgumentExpression(nameof(from))] string? fromText = null, [CallerArgumentExpression(nameof(to))] string? toText = null)
        where TNode : notnull
    {
        var links = edges.Rows().Select(e => (From: from(e), To: to(e)), $"{fromText}, {toText}");
        links.Named($"{name ?? "PageRank"} edges");
        var nodes = links.SelectMany(e => new[] { e.From, e.To }).Distinct();
        return nodes.Select(n => new Ranked<TNode>(n, Unit)).Repeat(rounds, x => x.JoinSumBy(
            links, n => n.Node, e => e.From, e => e.To, (n, edges) => n.Rank * 5 / (edges * 6), nodes, (node, _, sum) => new Ranked<TNode>(node, (Unit / 6) + sum)));
    }
}
