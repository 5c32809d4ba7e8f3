using System.Diagnostics.CodeAnalysis;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>One thread's circuit: the operators of a graph over this worker's shards, in topological order.</summary>
/// <remarks>They run in parts: behind each but the last stands an exchange, where all workers meet. The parts of all workers are the same.</remarks>
internal sealed class Worker
{
    private readonly IReadOnlyList<Node> _nodes;
    private readonly List<(Operator Operator, Node Node)> _operators = [];
    private List<(Operator Operator, Node Node)>? _aside;    // the true operators, during a pass
    private List<Feeder> _feeders = [];
    private readonly List<(int End, List<Exchange> Exchanges, Node Node)> _parts = [];    // the operators of a part end before End
    private readonly SinkOperator[] _sinks;
    private readonly Deferred[] _deferred;
    private readonly Dictionary<Node, Operator> _byNode;
    private readonly HashSet<Node> _readThroughExchange = [];
    private readonly Func<Node, string> _nameOf;
    private readonly bool _givesErrors;

    public Worker(IReadOnlyList<Node> nodes, StateStores states, ExchangeHub exchanges, int number, Func<Node, string, OperatorId> idOf, Func<Node, string> nameOf, bool keepsErrors)
    {
        // What reads the errors of all other steps comes last; its own would come too late for it.
        var readsErrors = new HashSet<Node>();
        foreach (var node in nodes)
            if (node.GivesErrors || node.Inputs.Any(readsErrors.Contains)) readsErrors.Add(node);
        _givesErrors = keepsErrors && readsErrors.Count > 0;
        (_nodes, _nameOf, _byNode) = ([.. nodes.Where(n => !readsErrors.Contains(n)), .. nodes.Where(readsErrors.Contains)], nameOf, new Dictionary<Node, Operator>(nodes.Count));
        foreach (var node in _nodes)
        {
            Add(node, new OperatorContext(node, _byNode, states, exchanges, number, Errors, state => idOf(node, state)));
            if (keepsErrors && !readsErrors.Contains(node)) _byNode[node].Errors = new StepErrors(Errors, nameOf(node));
        }

        _parts.Add((_operators.Count, [], _nodes[^1]));
        _sinks = [.. _byNode.Values.OfType<SinkOperator>()];
        _deferred = [.. nodes.Select(Defer).OfType<Deferred>()];
    }

    /// <summary>The rows that its steps couldn't take in.</summary>
    public RowErrors Errors { get; } = new();

    /// <summary>How many parts there are.</summary>
    public int Parts => _parts.Count;

    /// <summary>Its operators that ask outside.</summary>
    public IEnumerable<IAsking> Asking => _byNode.Values.OfType<IAsking>();

    /// <summary>The operator that stands for <paramref name="node"/>.</summary>
    public Operator OperatorOf(Node node) => _byNode[node];

    /// <summary>A step begins.</summary>
    public void Begin(Epoch epoch)
    {
        foreach (var sink in _sinks) sink.Epoch = epoch;
    }

    /// <summary>Runs the operators of one part.</summary>
    public void RunPart(int part)
    {
        var at = part == 0 ? 0 : _parts[part - 1].End;
        try
        {
            for (; at < _parts[part].End; at++) _operators[at].Operator.Step();
        }
        catch (Exception e) when (e is not (PathwayException or OperationCanceledException or OutOfMemoryException))
        {
            Failed(_operators[at].Node, e);
        }
    }

    /// <summary>Whether an exchange behind <paramref name="part"/> can't be gathered by each worker for itself.</summary>
    public bool GoesInOrderBehind(int part)
    {
        foreach (var exchange in _parts[part].Exchanges)
            if (exchange.GoesInOrder) return true;
        return false;
    }

    /// <summary>Runs for all workers what goes in order behind <paramref name="part"/>.</summary>
    public void RunInOrder(int part)
    {
        try
        {
            foreach (var exchange in _parts[part].Exchanges)
                if (exchange.GoesInOrder) exchange.StepInOrder();
        }
        catch (Exception e) when (e is not (PathwayException or OperationCanceledException or OutOfMemoryException))
        {
            Failed(_parts[part].Node, e);
        }
    }

    /// <summary>The step is over.</summary>
    public void Clear()
    {
        foreach (var (op, _) in _operators) op.Clear();
        Errors.Rows.Clear();
    }

    /// <summary>A commit is due: sinks give out what was held back for them and what they held back themselves.</summary>
    public void CloseOutput(Epoch epoch)
    {
        foreach (var deferred in _deferred) Emit(deferred);
        foreach (var sink in _sinks) sink.Close(epoch);
    }

    /// <summary>From now on steps do what <paramref name="pass"/> says, until <see cref="EndPass"/>.</summary>
    public void BeginPass(Pass pass)
    {
        _aside = [.. _operators];
        _feeders = [];
        for (var at = 0; at < _operators.Count; at++)
        {
            var (op, node) = _operators[at];
            var isItself = op == _byNode[node];    // else one of the exchanges in front of it
            if (pass.Runs.Contains(node)) continue;
            if (pass.Passes.Contains(node))
            {
                if (isItself) _operators[at] = (new Again(op), node);
            }
            else if (isItself && FeederOf(op, node, pass) is { } feeder)
            {
                _feeders.Add(feeder);
                _operators[at] = (feeder, node);
            }
            else
            {
                _operators[at] = (new Idle(), node);
            }
        }
    }

    private static Feeder? FeederOf(Operator op, Node node, Pass pass) =>
        pass.Conversions.TryGetValue(node, out var from) ? op.FeederFrom(from.Before, from.Conversion)! : pass.Feeds.Contains(node) ? op.Feeder()! : null;

    /// <summary>Whether all rows were given.</summary>
    public bool IsFed => _feeders.TrueForAll(f => f.IsDone);

    /// <summary>Steps do again what they do in epochs.</summary>
    public void EndPass()
    {
        _operators.Clear();
        _operators.AddRange(_aside!);
        _aside = null;
    }

    /// <summary>What is held back for a commit is dropped: sinks get what they need in a pass of their own.</summary>
    public void DropDeferred()
    {
        foreach (var deferred in _deferred)
            while (deferred.Operator.EmitDeferred()) _byNode[deferred.Node].Clear();
    }

    private void Add(Node node, OperatorContext context)
    {
        var op = node.CreateOperator(context);
        _byNode.Add(node, op);
        if (context.Exchanges.Count > 0)
        {
            foreach (var scatter in context.Scatters) _operators.Add((scatter, node));
            _parts.Add((_operators.Count, context.Exchanges, node));
            foreach (var gather in context.Gathers) _operators.Add((gather, node));
            _readThroughExchange.UnionWith(node.Inputs);
        }

        if (node.Loop is null) _operators.Add((op, node));
    }

    private Deferred? Defer(Node node)
    {
        // An error that arises in the commit would come behind the step that reads it.
        if (_givesErrors || _byNode[node] is not IDeferrable deferrable || _readThroughExchange.Contains(node)) return null;
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
