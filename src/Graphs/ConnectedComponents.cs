using System.Runtime.CompilerServices;
using Pathway.Storage;

namespace Pathway.Graphs;

/// <summary>A node and the component that it belongs to.</summary>
/// <param name="Node">The node.</param>
/// <param name="Component">The least node of the component.</param>
public sealed record InComponent<TNode>(TNode Node, TNode Component);

/// <summary>Which nodes hang together.</summary>
public static class ConnectedComponents
{
    /// <summary>Each node with the least node (member by member, strings by code point) that it is connected to by edges, whatever their direction. A component falls apart when the last edge between its parts goes.</summary>
    /// <param name="nodes">The nodes, also those without an edge.</param>
    /// <param name="edges">The edges; an end that is no node is left out.</param>
    /// <param name="from">One end.</param>
    /// <param name="to">The other end.</param>
    /// <param name="name">A name for its steps, under which their state is found; where a pipeline does this twice, each needs one. Default: "ConnectedComponents".</param>
    /// <param name="fromText">Its text, for the plan.</param>
    /// <param name="toText">Its text, for the plan.</param>
    public static Table<InComponent<TNode>> Of<TNode, TEdge>(
        ITable<TNode> nodes, ITable<TEdge> edges, Func<TEdge, TNode> from, Func<TEdge, TNode> to, string? name = null,
        [CallerArgumentExpression(nameof(from))] string? fromText = null, [CallerArgumentExpression(nameof(to))] string? toText = null)
        where TNode : notnull
    {
        var order = RowOrder.Of<TNode>();
        var both = edges.SelectMany(e => new[] { (From: from(e), To: to(e)), (From: to(e), To: from(e)) }, $"{fromText}, {toText}");
        // Names of their own: a step beside them in the query has no part in how their state is found.
        both.Named($"{name ?? "ConnectedComponents"} edges");
        var known = nodes.Distinct().Named($"{name ?? "ConnectedComponents"} nodes");
        return known.Select(n => new InComponent<TNode>(n, n)).Iterate(x => x
            .Concat(x.Join(both, n => n.Node, e => e.From, (n, e) => new InComponent<TNode>(e.To, n.Component)).Join(known, n => n.Node, n => n, (n, _) => n))
            .GroupBy(n => n.Node, (node, rows) => new InComponent<TNode>(node, Least(rows, order))));
    }

    private static TNode Least<TNode>(IReadOnlyList<InComponent<TNode>> rows, IComparer<TNode> order)
    {
        var least = rows[0].Component;
        foreach (var row in rows)
            if (order.Compare(row.Component, least) < 0) least = row.Component;
        return least;
    }
}
