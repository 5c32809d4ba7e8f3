using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>One thread's circuit: the operators of a graph over this worker's shards, in topological order.</summary>
/// <remarks>A worker makes its operators from the graph, so that several can stand beside one another; today there is one, and it owns all shards.</remarks>
public sealed class Worker
{
    private readonly Operator[] _operators;
    private readonly SinkOperator[] _sinks;
    private readonly Dictionary<Node, Operator> _byNode;

    /// <summary>Makes the circuit of <paramref name="nodes"/>, which stand in topological order.</summary>
    public Worker(IReadOnlyList<Node> nodes, StateStore states, Func<Node, string, OperatorId> ids)
    {
        _byNode = new Dictionary<Node, Operator>(nodes.Count);
        foreach (var node in nodes) _byNode.Add(node, node.CreateOperator(new OperatorContext(_byNode, states, state => ids(node, state))));
        _operators = [.. nodes.Select(n => _byNode[n])];
        _sinks = [.. _operators.OfType<SinkOperator>()];
    }

    /// <summary>The operator that stands for <paramref name="node"/>.</summary>
    public Operator OperatorOf(Node node) => _byNode[node];

    /// <summary>Runs every operator once over what was pushed.</summary>
    public void Step(Epoch epoch)
    {
        foreach (var sink in _sinks) sink.Epoch = epoch;
        foreach (var op in _operators) op.Step();
        foreach (var op in _operators) op.Clear();
    }

    /// <summary>A commit is due: sinks give out what they held back.</summary>
    public void CloseOutput(Epoch epoch)
    {
        foreach (var sink in _sinks) sink.Close(epoch);
    }
}
