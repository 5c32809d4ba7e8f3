using Pathway.Connectors;
using Pathway.Core;
using Pathway.Execution;
using Pathway.Planning;
using Pathway.Storage;

namespace Pathway.Testing;

/// <summary>A query whose inputs are fed by hand and whose epochs are stepped by hand: no files, no brokers, no clock.</summary>
/// <remarks>It runs on the real engine and state. <see cref="Restart"/> throws the circuit away and goes on from what was saved, as a process does after a crash.</remarks>
/// <example><code>
/// var test = new TestPipeline();
/// var orders = test.Table&lt;int, Order&gt;("orders");
/// var totals = test.Collect(orders.Table.GroupBy(o => o.Customer).Select(g => new Total(g.Key, g.Count())));
/// orders.Put(1, new Order(1, "ann"));
/// Assert.Equal([new("ann", new Total("ann", 1))], test.CloseEpoch(totals));
/// </code></example>
public sealed class TestPipeline : IDisposable
{
    private readonly Pipeline _pipeline;
    private readonly List<ITestInput> _inputs = [];
    private readonly List<Action> _beginEpoch = [], _forget = [];
    private readonly SortedDictionary<long, List<Action>> _byTime = [];    // what tables written as text have yet to push
    private readonly SemaphoreSlim _answers = new(0);
    private readonly TestState _state;
    private PipelineEngine? _engine;
    private Plan? _plan;
    private Epoch _epoch;
    private int _workers;

    /// <summary>A pipeline without inputs and outputs.</summary>
    /// <param name="stateDirectory">A folder for RocksDB, so that <see cref="Checkpoint"/> can fold commits into it; null keeps all state in memory.</param>
    /// <param name="budgetBytes">Bytes that the caches of all states may hold; what a checkpoint covers is evicted beyond it.</param>
    /// <param name="workers">Workers that compute; the results are the same with any number.</param>
    /// <param name="onError">What becomes of a row on which a function throws.</param>
    public TestPipeline(string? stateDirectory = null, long budgetBytes = 512L << 20, int workers = 1, ErrorPolicy onError = ErrorPolicy.Stop)
    {
        _pipeline = Pipeline.Create("test", o => o with { OnError = onError });
        (_state, _workers) = (new TestState(stateDirectory, budgetBytes), workers);
    }

    /// <summary>The rows that steps couldn't take in (<see cref="Pipeline.Errors"/>).</summary>
    public Table<RowError> Errors => _pipeline.Errors;

    /// <summary>Whether the workers' threads are used for epochs of few rows, too, where they don't help. Default false.</summary>
    internal bool AlwaysOnThreads { get; set; }

    /// <summary>A keyed table that the test feeds.</summary>
    public TestInput<TKey, TRow> Table<TKey, TRow>(string name)
        where TKey : notnull
    {
        var source = new TestSource<Upsert<TKey, TRow>>(name);
        var input = new TestInput<TKey, TRow>(source, _pipeline.Table(source));
        _inputs.Add(input);
        return input;
    }

    /// <summary>A table without key that the test feeds.</summary>
    public TestRows<TRow> Rows<TRow>(string name)
    {
        var source = new TestSource<Delta<TRow>>(name);
        var input = new TestRows<TRow>(source, _pipeline.Table(source));
        _inputs.Add(input);
        return input;
    }

    /// <summary>A table whose rows only ever come, which the test feeds.</summary>
    public TestEvents<TRow> Events<TRow>(string name)
    {
        var source = new TestSource<TRow>(name);
        var input = new TestEvents<TRow>(source, _pipeline.Table(source));
        _inputs.Add(input);
        return input;
    }

    /// <summary>The rows of a table written as text (<see cref="MarkdownTable"/>); <see cref="CloseEpochs"/> feeds them by their times.</summary>
    /// <exception cref="ConfigurationException">The text isn't a table of such rows.</exception>
    public Table<TRow> FromMarkdown<TRow>(string name, string text)
    {
        var rows = Rows<TRow>(name);
        foreach (var row in MarkdownTable.Parse<TRow>(text))
        {
            if (!_byTime.TryGetValue(row.Time, out var pushes)) _byTime.Add(row.Time, pushes = []);
            pushes.Add(() => rows.Push(row.Row, row.Diff));
        }

        return rows.Table;
    }

    /// <summary>Runs an epoch for each time that tables written as text (<see cref="FromMarkdown"/>) have rows for.</summary>
    public void CloseEpochs()
    {
        foreach (var (_, pushes) in _byTime)
        {
            foreach (var push in pushes) push();
            CloseEpoch();
        }

        _byTime.Clear();
    }

    /// <summary>Remembers the rows of <paramref name="table"/> as they are after each epoch.</summary>
    public TestOutput<TKey, TRow> Collect<TKey, TRow>(Table<TKey, TRow> table)
        where TKey : notnull
    {
        var output = new TestOutput<TKey, TRow>();
        _beginEpoch.Add(output.BeginEpoch);
        _forget.Add(output.Forget);
        table.To(new KeyedSink<TKey, TRow>(new NoTarget(), output, "collected"));
        return output;
    }

    /// <inheritdoc cref="Collect{TKey, TRow}(Table{TKey, TRow})"/>
    public TestRowsOutput<TRow> Collect<TRow>(Table<TRow> table)
    {
        var output = new TestRowsOutput<TRow>();
        _beginEpoch.Add(output.BeginEpoch);
        _forget.Add(output.Forget);
        table.To(new ChangeSink<TRow>(new NoTarget(), output, "collected"));
        return output;
    }

    /// <summary>Runs an epoch over what was fed since the last one, and closes the output.</summary>
    public void CloseEpoch()
    {
        Start();
        foreach (var begin in _beginEpoch) begin();
        for (var i = 0; i < _plan!.Inputs.Count; i++)
        {
            var input = _inputs.Single(s => ReferenceEquals(s.Source, _plan.Inputs[i]));
            if (input.Take() is { Count: > 0 } rows) _engine!.Push(i, rows);
        }

        _epoch = _epoch.Next();
        _engine!.Step(_epoch);
        _engine.CloseOutput(_epoch);
        _engine.Maintain();
    }

    /// <summary>Runs an epoch and gives what changed in <paramref name="output"/>: a row for each key that has one now, null for one that has none any more.</summary>
    public IReadOnlyDictionary<TKey, TRow?> CloseEpoch<TKey, TRow>(TestOutput<TKey, TRow> output)
        where TKey : notnull
    {
        CloseEpoch();
        return output.Changes;
    }

    /// <summary>Runs an epoch and gives what changed in <paramref name="output"/>, one delta for a row.</summary>
    public IReadOnlyList<Delta<TRow>> CloseEpoch<TRow>(TestRowsOutput<TRow> output)
    {
        CloseEpoch();
        return output.Changes;
    }

    /// <summary>Closes epochs until every question that was asked outside (<see cref="Asks"/>) has its answer taken in.</summary>
    public async Task SettleAsync(CancellationToken stop = default)
    {
        Start();
        while (_engine!.OpenQuestions > 0)
        {
            while (!_engine.HasAnswers) await _answers.WaitAsync(stop).ConfigureAwait(false);
            CloseEpoch();
        }
    }

    /// <summary>Saves what the state changed, as a commit does.</summary>
    public void Commit()
    {
        Start();
        _state.Commit(_engine!);
    }

    /// <summary>Folds all commits into RocksDB, as the background does: what they hold may be evicted from the caches. Without a state directory it does nothing.</summary>
    public void Checkpoint()
    {
        _state.Checkpoint();
        _engine?.Maintain();
    }

    /// <summary>Takes what the state changed since the last commit out of memory without a commit, as inside of a source transaction that is larger than memory. Directly behind <see cref="CloseEpoch()"/>. Without a state directory it does nothing.</summary>
    public void Spill()
    {
        Start();
        _state.Spill(_engine!);
        _engine!.Maintain();
    }

    /// <summary>Outputs forget their rows and get them again from what the steps keep, as new targets do. Directly behind <see cref="Checkpoint"/>.</summary>
    /// <returns>False, with nothing done, where some step doesn't keep its rows.</returns>
    internal bool TellAgain()
    {
        Start();
        var withoutSinks = new PlanDescription([.. _plan!.Description.Steps.Where(s => s.Kind != "Sink")]);
        var change = PlanChange.Between(withoutSinks, [], _plan);
        if (!change.IsPossible) return false;
        foreach (var forget in _forget) forget();
        _engine!.BeginPass(change.Delivering);
        while (!_engine.IsFed)
        {
            _engine.StepPass(_epoch = _epoch.Next());
            _engine.CloseOutput(_epoch);
        }

        _engine.EndPass();
        _engine.Maintain();
        return true;
    }

    /// <summary>Throws the circuit away and goes on from the last <see cref="Commit"/>; what was stepped after it is lost.</summary>
    /// <param name="workers">From now on so many workers; null for as many as before.</param>
    public void Restart(int? workers = null)
    {
        _workers = workers ?? _workers;
        _engine?.Dispose();
        _engine = null;
        Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine?.Dispose();
        _state.Dispose();
        _answers.Dispose();
    }

    private void Start()
    {
        if (_engine is not null) return;
        _plan ??= _pipeline.Plan();
        var numbers = _plan.StatePaths.Select((path, i) => (path, i)).ToDictionary(p => p.path, p => new OperatorId((uint)p.i + 1));
        _engine = new PipelineEngine(_plan, _state.Open(_workers), path => numbers[path], _pipeline.Options.OnError) { RowsForThreadsMin = AlwaysOnThreads ? 0 : PipelineEngine.RowsForThreads };
        _state.Replay();
        _engine.Resume(() => _answers.Release());
    }

    // Output is collected by its formatter; there is no target behind it.
    private sealed record NoTarget : ITargetFactory
    {
        public string Name => "test";

        public ITarget Open(TargetContext context) => throw new InvariantException("A test pipeline has no targets.");
    }
}
