using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>The circuit of a graph on all its workers.</summary>
/// <remarks>
/// Each worker runs the same operators over its own shards. Between two exchanges they run for themselves; at an exchange all meet. A step with few rows is run by the calling thread for one worker after the
/// other, which is quicker than waking threads. One worker has no exchanges and no thread.
/// </remarks>
public sealed class Circuit : IDisposable
{
    /// <summary>In place of a worker's number: the calling thread runs the work of all, one after the other.</summary>
    private const int InTurn = -1;

    private readonly Worker[] _workers;
    private readonly ExchangeHub _exchanges;
    private readonly WorkerTeam? _team;

    /// <summary>Makes the circuit of <paramref name="nodes"/>, which stand in topological order, with a worker for each of <paramref name="states"/>.</summary>
    /// <param name="nodes">The graph.</param>
    /// <param name="states">Where its operators register their state.</param>
    /// <param name="idOf">The durable number of a state of a node.</param>
    /// <param name="nameOf">What a node is called in error messages.</param>
    /// <param name="keepsErrors">Whether a row on which a function of the user's throws becomes an error row; else it stops the pipeline.</param>
    public Circuit(IReadOnlyList<Node> nodes, StateStores states, Func<Node, string, OperatorId> idOf, Func<Node, string> nameOf, bool keepsErrors = false)
    {
        _exchanges = new ExchangeHub(states.Workers);
        _workers = [.. Enumerable.Range(0, states.Workers).Select(w => new Worker(nodes, states, _exchanges, w, idOf, nameOf, keepsErrors))];
        if (_workers.Length > 1) _team = new WorkerTeam(_workers.Length);
    }

    /// <summary>How many rows became errors since the start. Any thread.</summary>
    public long RowErrors => _workers.Sum(w => w.Errors.Count);

    /// <summary>How many workers there are.</summary>
    public int Workers => _workers.Length;

    /// <summary>The operator that stands for <paramref name="node"/> on a worker.</summary>
    public Operator OperatorOf(int worker, Node node) => _workers[worker].OperatorOf(node);

    /// <summary>The operators of all workers that ask outside.</summary>
    public IReadOnlyList<IAsking> Asking => [.. _workers.SelectMany(w => w.Asking)];

    /// <summary>Runs every operator once over what was pushed.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="onThreads">Whether it is worth the workers' threads.</param>
    /// <exception cref="BadDataException">A function of the user's or an aggregate failed on a row; the message names the step.</exception>
    public void Step(Epoch epoch, bool onThreads)
    {
        foreach (var worker in _workers) worker.Begin(epoch);
        if (_team is not null && onThreads) _team.Run(Run);
        else Run(InTurn);
    }

    /// <summary>Does something for every worker that needs no other one's.</summary>
    /// <param name="work">What, by the worker's number.</param>
    /// <param name="onThreads">Whether it is worth the workers' threads.</param>
    public void ForEach(Action<int> work, bool onThreads)
    {
        if (_team is not null && onThreads) _team.Run(work);
        else
            for (var worker = 0; worker < _workers.Length; worker++) work(worker);
    }

    /// <summary>A commit is due: the sinks of a worker give out what was held back for them and what they held back themselves.</summary>
    /// <exception cref="BadDataException">A function of the user's failed on a row; the message names the step.</exception>
    public void CloseOutput(int worker, Epoch epoch) => _workers[worker].CloseOutput(epoch);

    /// <summary>From now on <see cref="Step"/> does what <paramref name="pass"/> says, until <see cref="EndPass"/>.</summary>
    public void BeginPass(Pass pass)
    {
        foreach (var worker in _workers) worker.BeginPass(pass);
    }

    /// <summary>Whether the pass at hand has given all rows.</summary>
    public bool IsFed => Array.TrueForAll(_workers, w => w.IsFed);

    /// <summary>Steps do again what they do in epochs.</summary>
    public void EndPass()
    {
        foreach (var worker in _workers) worker.EndPass();
    }

    /// <summary>What is held back for a commit is dropped: sinks get what they need in a pass of their own.</summary>
    public void DropDeferred()
    {
        foreach (var worker in _workers) worker.DropDeferred();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _team?.Dispose();
        _exchanges.Dispose();
    }

    /// <summary>Runs all parts: on the thread of worker <paramref name="at"/>, or <see cref="InTurn"/>.</summary>
    private void Run(int at)
    {
        var first = _workers[0].Steps;
        for (var part = 0; part < first.Parts; part++)
        {
            Phase(at, part, 0, static (worker, part, _) => worker.Steps.RunPart(part));
            if (first.GoesInOrderBehind(part)) InOrder(at, part);
            if (first.LoopBehind(part) is not null) RunLoop(at, part);
        }

        // After the last meeting: nobody reads what another one scattered any more.
        if (at != InTurn) _workers[at].Clear();
        else
            foreach (var worker in _workers) worker.Clear();
    }

    private void RunLoop(int at, int part)
    {
        var loop = _workers[0].Steps.LoopBehind(part)!;
        for (int? next = 0; next is { } round && loop.Runs(round); next = NextRound(part))
        {
            for (var inner = 0; inner < loop.Steps.Parts; inner++)
            {
                var of = inner;
                Phase(at, part, round, (worker, part, round) => worker.Steps.LoopBehind(part)!.RunPart(of, round));
            }

            Phase(at, part, round, static (worker, part, _) => worker.Steps.LoopBehind(part)!.EndRound());
        }

        Phase(at, part, 0, static (worker, part, _) => worker.Steps.LoopBehind(part)!.End());
    }

    // The same for every worker: nobody changes it before all have run a part of the round.
    private int? NextRound(int part) => _workers.Min(worker => worker.Steps.LoopBehind(part)!.NextRound);

    private void InOrder(int at, int part)
    {
        if (at is InTurn or 0) _workers[0].Steps.RunInOrder(part);
        if (at != InTurn) _team!.Meet();
    }

    /// <summary>One worker's work, and then all meet; or that of all, in turn.</summary>
    private void Phase(int at, int part, int round, Action<Worker, int, int> work)
    {
        if (at == InTurn)
        {
            foreach (var worker in _workers) work(worker, part, round);
            return;
        }

        work(_workers[at], part, round);
        _team!.Meet();
    }
}
