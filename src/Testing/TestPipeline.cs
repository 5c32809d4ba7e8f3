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
public sealed class TestPipeline
{
    private readonly Pipeline _pipeline = Pipeline.Create("test");
    private readonly List<ITestInput> _inputs = [];
    private readonly List<(byte[] Changes, CommitNumber Commit)> _saved = [];
    private PipelineEngine? _engine;
    private StateStore? _states;
    private Plan? _plan;
    private Epoch _epoch;
    private CommitNumber _commit;

    /// <summary>A keyed table that the test feeds.</summary>
    public TestInput<TKey, TRow> Table<TKey, TRow>(string name)
        where TKey : notnull
    {
        var source = new TestSource<Upsert<TKey, TRow>>(name);
        var input = new TestInput<TKey, TRow>(source, _pipeline.Table(source));
        _inputs.Add(input);
        return input;
    }

    /// <summary>Remembers the rows of <paramref name="table"/> as they are after each epoch.</summary>
    public TestOutput<TKey, TRow> Collect<TKey, TRow>(Table<TKey, TRow> table)
        where TKey : notnull
    {
        var output = new TestOutput<TKey, TRow>();
        table.To(new KeyedSink<TKey, TRow>(new NoTarget(), output, "collected"));
        return output;
    }

    /// <summary>Runs an epoch over what was fed since the last one, and closes the output.</summary>
    public void CloseEpoch()
    {
        Start();
        for (var i = 0; i < _plan!.Inputs.Count; i++)
        {
            var input = _inputs.Single(s => ReferenceEquals(s.Source, _plan.Inputs[i]));
            if (input.Take() is { Count: > 0 } rows) _engine!.Push(i, rows);
        }

        _epoch = _epoch.Next();
        _engine!.Step(_epoch);
        _engine.CloseOutput(_epoch);
        _states!.Maintain();
    }

    /// <summary>Runs an epoch and gives what changed in <paramref name="output"/>: a row for each key that has one now, null for one that has none any more.</summary>
    public IReadOnlyDictionary<TKey, TRow?> CloseEpoch<TKey, TRow>(TestOutput<TKey, TRow> output)
        where TKey : notnull
    {
        output.BeginEpoch();
        CloseEpoch();
        return output.Changes;
    }

    /// <summary>Saves what the state changed, as a commit does.</summary>
    public void Commit()
    {
        Start();
        using var changes = new StateChanges();
        _commit = _commit.Next();
        _states!.SaveChanges(changes, _commit);
        _saved.Add((changes.Bytes.ToArray(), _commit));
    }

    /// <summary>Throws the circuit away and goes on from the last <see cref="Commit"/>; what was stepped after it is lost.</summary>
    public void Restart()
    {
        _states?.Dispose();
        (_engine, _states) = (null, null);
        Start();
        foreach (var (changes, commit) in _saved) _states!.Replay(changes, commit);
    }

    private void Start()
    {
        if (_engine is not null) return;
        _plan ??= _pipeline.Plan();
        var numbers = _plan.StatePaths.Select((path, i) => (path, i)).ToDictionary(p => p.path, p => new OperatorId((uint)p.i + 1));
        _states = new StateStore(null, new StateOptions());
        _engine = new PipelineEngine(_plan, _states, path => numbers[path]);
    }

    // Output is collected by its formatter; there is no target behind it.
    private sealed record NoTarget : ITargetFactory
    {
        public string Name => "test";

        public ITarget Open(TargetContext context) => throw new InvariantException("A test pipeline has no targets.");
    }
}
