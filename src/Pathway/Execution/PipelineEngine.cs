using Pathway.Core;
using Pathway.Engine;
using Pathway.Planning;
using Pathway.Storage;

namespace Pathway.Execution;

/// <summary>The circuit of a plan with its formatted output.</summary>
/// <remarks>
/// With several workers the rows of an input are cut into runs, one for each; only what streams read stays on the first one. Output is put together after every step in the order of the workers, so that
/// rows of one input that no exchange met leave in the order in which they came.
/// </remarks>
internal sealed class PipelineEngine : IDisposable
{
    /// <summary>With fewer rows than this for each worker, waking its thread costs more than it saves.</summary>
    public const int RowsForThreads = 128;

    private readonly Circuit _circuit;
    private readonly StateStores _states;
    private readonly IInput[][] _inputs;    // by worker
    private readonly IReadOnlyList<IAsking> _asking;
    private readonly bool[] _keepsOrder;
    private readonly bool[] _pushed;
    private long _rows, _rowsOfCommit;

    /// <summary>Makes the circuit, with a worker for each part of <paramref name="states"/>; the operators register their states there.</summary>
    public PipelineEngine(Plan plan, StateStores states, Func<string, OperatorId> operatorOf, ErrorPolicy onError = ErrorPolicy.Stop)
    {
        _states = states;
        _circuit = new Circuit(plan.Nodes, states, (node, state) => operatorOf(plan.StatePathOf(node, state)), plan.PathOf, onError == ErrorPolicy.Continue);
        _asking = _circuit.Asking;
        _inputs = [.. Enumerable.Range(0, states.Workers).Select(w => plan.InputNodes.Select(n => (IInput)_circuit.OperatorOf(w, n)).ToArray())];
        _keepsOrder = [.. plan.InputNodes.Select(n => n.KeepsOrder)];
        _pushed = new bool[_keepsOrder.Length];
        Outputs = plan.Outputs;
        foreach (var output in Outputs) output.Clear();
    }

    /// <summary>The output, one for each target.</summary>
    public IReadOnlyList<EngineOutput> Outputs { get; }

    /// <inheritdoc cref="StateStores.ChangesOfCommit"/>
    public int ChangesOfCommit => _states.ChangesOfCommit;

    /// <summary>How many rows became errors since the start. Any thread.</summary>
    public long RowErrors => _circuit.RowErrors;

    /// <summary>From so many rows on for each worker the threads are used. For tests.</summary>
    internal int RowsForThreadsMin { get; init; } = RowsForThreads;

    /// <summary>Whether answers from outside wait for a step. Any thread.</summary>
    public bool HasAnswers
    {
        get
        {
            foreach (var asking in _asking)
                if (asking.HasAnswers) return true;
            return false;
        }
    }

    /// <summary>Questions that were asked outside and whose answers no step has taken in. Any thread.</summary>
    public long OpenQuestions => _asking.Sum(a => (long)a.Open);

    /// <summary>Whether so many are open that no more input should be taken.</summary>
    public bool IsFull
    {
        get
        {
            foreach (var asking in _asking)
                if (asking.IsFull) return true;
            return false;
        }
    }

    /// <summary>The state is there: asks again what had no answer. Answers call <paramref name="answered"/>, on any thread.</summary>
    public void Resume(Action answered)
    {
        foreach (var asking in _asking) asking.Resume(answered);
    }

    /// <summary>Takes rows of input <paramref name="input"/> for the next step.</summary>
    public void Push(int input, IRowBuffer rows)
    {
        _rows += rows.Count;
        var workers = _inputs.Length;
        if (workers == 1 || _keepsOrder[input])
        {
            _inputs[0][input].Push(rows, 0, rows.Count);
            return;
        }

        // Runs in the order of the workers: an exchange puts them together again in that order.
        var from = 0;
        for (var w = _pushed[input] ? workers - 1 : 0; w < workers; w++)
        {
            var until = (int)((long)rows.Count * (w + 1) / workers);
            if (until > from) _inputs[w][input].Push(rows, from, until - from);
            from = until;
        }

        _pushed[input] = true;
    }

    /// <summary>Runs every operator once over what was pushed.</summary>
    public void Step(Epoch epoch)
    {
        _circuit.Step(epoch, IsWorthThreads(_rows));
        _rowsOfCommit += _rows;
        _rows = 0;
        Array.Clear(_pushed);
        Collect();
    }

    /// <summary>A commit is due: what keyed sinks held back is consolidated and formatted.</summary>
    public void CloseOutput(Epoch epoch)
    {
        if (_circuit.Workers == 1) _circuit.CloseOutput(0, epoch);
        else _circuit.ForEach(worker => _circuit.CloseOutput(worker, epoch), IsWorthThreads(_rowsOfCommit));
        Collect();
    }

    /// <summary>From now on, <see cref="StepPass"/> does what <paramref name="pass"/> says, until <see cref="EndPass"/>.</summary>
    public void BeginPass(Pass pass) => _circuit.BeginPass(pass);

    /// <summary>Whether the pass at hand has given all rows.</summary>
    public bool IsFed => _circuit.IsFed;

    /// <summary>Runs a slice of the pass at hand; about how many rows it had.</summary>
    public long StepPass(Epoch epoch)
    {
        var rows = Math.Max(_rows, (long)Feeder.RowsOfSlice * _circuit.Workers);
        _circuit.Step(epoch, onThreads: _circuit.Workers > 1);
        _rows = 0;
        Array.Clear(_pushed);
        Collect();
        return rows;
    }

    /// <summary>Steps do again what they do in epochs.</summary>
    public void EndPass() => _circuit.EndPass();

    /// <summary>What is held back for a commit is dropped: sinks get what they need in a pass of their own.</summary>
    public void DropDeferred() => _circuit.DropDeferred();

    /// <summary>The target of <paramref name="sink"/> may have any key of the state <paramref name="keys"/>: those that don't come until <see cref="EndCorrection"/> are deleted.</summary>
    public void BeginCorrection(SinkNode sink, OperatorId keys)
    {
        for (var worker = 0; worker < _circuit.Workers; worker++) ((ICorrectable)_circuit.OperatorOf(worker, sink)).BeginCorrection(keys);
    }

    /// <inheritdoc cref="BeginCorrection"/>
    public void EndCorrection(SinkNode sink)
    {
        for (var worker = 0; worker < _circuit.Workers; worker++) ((ICorrectable)_circuit.OperatorOf(worker, sink)).EndCorrection();
        Collect();
    }

    /// <summary>Encodes what is dirty in all states into <paramref name="changes"/>, <see cref="ChangesOfCommit"/> of them.</summary>
    public void SaveChanges(IReadOnlyList<StateChanges> changes, CommitNumber commit)
    {
        if (_circuit.Workers == 1) _states.SaveChanges(0, changes, commit);
        else _circuit.ForEach(worker => _states.SaveChanges(worker, changes, commit), IsWorthThreads(_rowsOfCommit));
        _rowsOfCommit = 0;
    }

    /// <summary>Keeps the caches of all states within their budget. Between two steps.</summary>
    public void Maintain()
    {
        _states.ForgetSpill();
        for (var worker = 0; worker < _circuit.Workers; worker++) _states.Maintain(worker);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var asking in _asking) asking.Stop();
        _circuit.Dispose();
    }

    private bool IsWorthThreads(long rows) => rows >= (long)RowsForThreadsMin * _circuit.Workers;

    private void Collect()
    {
        if (_circuit.Workers == 1) return;
        foreach (var output in Outputs) output.Collect();
    }
}
