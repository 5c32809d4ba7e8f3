using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway.Graphs;

/// <summary>A node and how far it is from the nearest source.</summary>
/// <param name="Node">The node.</param>
/// <param name="Distance">The sum of the lengths on the way; 0 for a source.</param>
public sealed record AtDistance<TNode>(TNode Node, double Distance);

/// <summary>Shortest ways along directed edges.</summary>
public static class ShortestPaths
{
    /// <summary>Each node that can be reached from a source, with its distance from the nearest one. Lengths may be negative, but a cycle of negative length stops the pipeline at the limit.</summary>
    /// <param name="sources">Where ways begin.</param>
    /// <param name="edges">The edges.</param>
    /// <param name="from">Where an edge begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="length">Its length.</param>
    /// <param name="limit">The most edges that a way may have.</param>
    /// <param name="name">A name for its steps, under which their state is found; where a pipeline does this twice, each needs one. Default: "ShortestPaths".</param>
    /// <param name="fromText">The text of <paramref name="from"/>, for the plan.</param>
    /// <param name="toText">That of <paramref name="to"/>.</param>
    /// <param name="lengthText">That of <paramref name="length"/>.</param>
    public static Table<AtDistance<TNode>> From<TNode, TEdge>(
        ITable<TNode> sources, ITable<TEdge> edges, Func<TEdge, TNode> from, Func<TEdge, TNode> to, Func<TEdge, double> length, int limit = 10_000, string? name = null,
        [CallerArgumentExpression(nameof(from))] string? fromText = null, [CallerArgumentExpression(nameof(to))] string? toText = null, [CallerArgumentExpression(nameof(length))] string? lengthText = null)
        where TNode : notnull
    {
        var steps = edges.Rows().Select(e => (From: from(e), To: to(e), Length: Checked(length(e))), $"{fromText}, {toText}, {lengthText}");
        steps.Named($"{name ?? "ShortestPaths"} edges");
        return sources.Distinct().Named($"{name ?? "ShortestPaths"} sources").Select(n => new AtDistance<TNode>(n, 0)).Iterate(
            x => x
                .Concat(x.Join(steps, n => n.Node, e => e.From, (n, e) => new AtDistance<TNode>(e.To, n.Distance + e.Length)))
                .GroupBy(n => n.Node, (node, rows) => new AtDistance<TNode>(node, Least(rows))),
            limit);
    }

    private static double Checked(double length) => double.IsNaN(length) ? throw new BadDataException("The length of an edge is not a number.") : length;

    private static double Least<TNode>(IReadOnlyList<AtDistance<TNode>> rows)
    {
        var least = rows[0].Distance;
        foreach (var row in rows) least = Math.Min(least, row.Distance);
        return least;
    }
}
