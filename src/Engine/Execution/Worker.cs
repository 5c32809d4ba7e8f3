using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>One thread's circuit: the operators of a graph over this worker's shards, in topological order.</summary>
internal sealed class Worker
{
    private readonly IReadOnlyList<Node> _nodes;
    private readonly Section _steps;
    private readonly Dictionary<Loop, Section> _loops = [];
    private List<(Operator Operator, Node Node)>? _aside;    // the true operators, during a pass
    private List<Feeder> _feeders = [];
    private readonly SinkOperator[] _sinks;
    private readonly Deferred[] _deferred;
    private readonly Dictionary<Node, Operator> _byNode;
    private readonly HashSet<Node> _readThroughExchange = [];
    private readonly bool _givesErrors;

    public Worker(IReadOnlyList<Node> nodes, StateStores states, ExchangeHub exchanges, int number, Func<Node, string, OperatorId> idOf, Func<Node, string> nameOf, bool keepsErrors)
    {
        // What reads the errors of all other steps comes last; its own would come too late for it.
        var readsErrors = new HashSet<Node>();
        foreach (var node in nodes)
            if (node.GivesErrors || node.Inputs.Any(readsErrors.Contains)) readsErrors.Add(node);
        _givesErrors = keepsErrors && readsErrors.Count > 0;
        (_nodes, _steps, _byNode) = ([.. nodes.Where(n => !readsErrors.Contains(n)), .. nodes.Where(readsErrors.Contains)], new Section(nameOf), new Dictionary<Node, Operator>(nodes.Count));
        foreach (var loop in _nodes.Select(n => n.Loop).OfType<Loop>()) _loops.TryAdd(loop, new Section(nameOf));
        foreach (var node in _nodes)
        {
            Add(node, new OperatorContext(node, _byNode, states, exchanges, number, Errors, state => idOf(node, state)));
            if (keepsErrors && !readsErrors.Contains(node)) _byNode[node].Errors = new StepErrors(Errors, nameOf(node));
        }

        _steps.End(_nodes[^1]);
        _sinks = [.. _byNode.Values.OfType<SinkOperator>()];
        _deferred = [.. nodes.Select(Defer).OfType<Deferred>()];
    }

    /// <summary>The rows that its steps couldn't take in.</summary>
    public RowErrors Errors { get; } = new();

    /// <summary>Its operators, but for those of loops.</summary>
    public Section Steps => _steps;

    /// <summary>Its operators that ask outside.</summary>
    public IEnumerable<IAsking> Asking => _byNode.Values.OfType<IAsking>();

    /// <summary>The operator that stands for <paramref name="node"/>.</summary>
    public Operator OperatorOf(Node node) => _byNode[node];

    /// <summary>A step begins.</summary>
    public void Begin(Epoch epoch)
    {
        foreach (var sink in _sinks) sink.Epoch = epoch;
    }

    /// <summary>The step is over.</summary>
    public void Clear()
    {
        _steps.Clear();
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
        var operators = _steps.Operators;
        _aside = [.. operators];
        _feeders = [];
        for (var at = 0; at < operators.Count; at++)
        {
            var (op, node) = operators[at];
            var isItself = op == _byNode[node];    // else one of the exchanges in front of it
            if (pass.Runs.Contains(node)) continue;
            if (pass.Passes.Contains(node))
            {
                if (isItself) operators[at] = (new Again(op), node);
            }
            else if (isItself && FeederOf(op, node, pass) is { } feeder)
            {
                _feeders.Add(feeder);
                operators[at] = (feeder, node);
            }
            else
            {
                operators[at] = (new Idle(), node);
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
        _steps.Operators.Clear();
        _steps.Operators.AddRange(_aside!);
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
        if (context.Exchanges.Count > 0) _readThroughExchange.UnionWith(node.Inputs);
        // What goes into a loop is exchanged once in front of it; what stays in it, in each round.
        var isInside = node.Inputs.Any(i => i.Loop is not null) && (node.Loop ?? node.EndOf) is not null;
        (isInside ? _loops[(node.Loop ?? node.EndOf)!] : _steps).AddExchanges(node, context);
        (node.Loop is { } loop ? _loops[loop] : _steps).Add(node, op);
        if (op is not LoopRun run) return;
        _loops[node.EndOf!].End(node);
        run.Begin(_loops[node.EndOf!]);
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
            _steps.Failed(deferred.Node, e);
        }
    }

    /// <summary>An operator whose rows wait for the commit, with all that reads them.</summary>
    private sealed record Deferred(Node Node, IDeferrable Operator, SinkOperator[] Sinks);
}
