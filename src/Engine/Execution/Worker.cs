using System.Diagnostics.CodeAnalysis;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>One thread's circuit: the operators of a graph over this worker's shards, in topological order.</summary>
/// <remarks>A worker makes its operators from the graph, so that several can stand beside one another; today there is one, and it owns all shards.</remarks>
public sealed class Worker
{
    private readonly IReadOnlyList<Node> _nodes;
    private readonly Operator[] _operators;    // one for each node
    private readonly SinkOperator[] _sinks;
    private readonly Deferred[] _deferred;
    private readonly Dictionary<Node, Operator> _byNode;
    private readonly Func<Node, string> _nameOf;

    /// <summary>Makes the circuit of <paramref name="nodes"/>, which stand in topological order.</summary>
    /// <param name="nodes">The graph.</param>
    /// <param name="states">Where its operators register their state.</param>
    /// <param name="idOf">The durable number of a state of a node.</param>
    /// <param name="nameOf">What a node is called in error messages.</param>
    public Worker(IReadOnlyList<Node> nodes, StateStore states, Func<Node, string, OperatorId> idOf, Func<Node, string> nameOf)
    {
        (_nodes, _nameOf, _byNode) = (nodes, nameOf, new Dictionary<Node, Operator>(nodes.Count));
        foreach (var node in nodes) _byNode.Add(node, node.CreateOperator(new OperatorContext(_byNode, states, state => idOf(node, state))));
        _operators = [.. nodes.Select(n => _byNode[n])];
        _sinks = [.. _operators.OfType<SinkOperator>()];
        _deferred = [.. nodes.Select(Defer).OfType<Deferred>()];
    }

    /// <summary>The operator that stands for <paramref name="node"/>.</summary>
    public Operator OperatorOf(Node node) => _byNode[node];

    /// <summary>Runs every operator once over what was pushed.</summary>
    /// <exception cref="BadDataException">A function of the user's or an aggregate failed on a row; the message names the step.</exception>
    public void Step(Epoch epoch)
    {
        foreach (var sink in _sinks) sink.Epoch = epoch;
        var at = 0;
        try
        {
            for (; at < _operators.Length; at++) _operators[at].Step();
        }
        catch (Exception e) when (e is not (PathwayException or OperationCanceledException or OutOfMemoryException))
        {
            Failed(_nodes[at], e);
        }

        foreach (var op in _operators) op.Clear();
    }

    /// <summary>A commit is due: sinks give out what was held back for them and what they held back themselves.</summary>
    /// <exception cref="BadDataException">A function of the user's failed on a row; the message names the step.</exception>
    public void CloseOutput(Epoch epoch)
    {
        foreach (var deferred in _deferred) Emit(deferred);
        foreach (var sink in _sinks) sink.Close(epoch);
    }

    private Deferred? Defer(Node node)
    {
        if (_byNode[node] is not IDeferrable deferrable) return null;
        var readers = _nodes.Where(n => n.Inputs.Contains(node)).Select(n => _byNode[n]).ToList();
        if (readers.Count == 0 || !readers.TrueForAll(r => r is SinkOperator { WaitsForCommit: true })) return null;
        deferrable.Defer();
        var sinks = readers.Cast<SinkOperator>().ToArray();
        foreach (var sink in sinks) sink.ReadsDeferred();
        return new Deferred(node, deferrable, sinks);
    }

    private void Emit(Deferred deferred)
    {
        try
        {
            while (deferred.Operator.EmitDeferred())
            {
                foreach (var sink in deferred.Sinks) sink.Step();
                _byNode[deferred.Node].Clear();
            }
        }
        catch (Exception e) when (e is not (PathwayException or OperationCanceledException or OutOfMemoryException))
        {
            Failed(deferred.Node, e);
        }
    }

    [DoesNotReturn]
    private void Failed(Node node, Exception reason) => throw new BadDataException($"Step '{_nameOf(node)}' ({$"{node.Kind} {node.Text}".TrimEnd()}) failed: {reason.Message}", reason);

    /// <summary>An operator whose rows wait for the commit, with all that reads them.</summary>
    private sealed record Deferred(Node Node, IDeferrable Operator, SinkOperator[] Sinks);
}
