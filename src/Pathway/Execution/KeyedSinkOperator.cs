using Pathway.Connectors;
using Pathway.Core;
using Pathway.Engine;

namespace Pathway.Execution;

/// <summary>Holds the changes of a keyed table back until a commit, and gives out one upsert or delete for each key that changed.</summary>
internal sealed class KeyedSinkOperator<TKey, TRow>(Batch<Keyed<TKey, TRow>> input, IKeyedFormatter<TKey, TRow> formatter, OutputPart output, string description) : SinkOperator
    where TKey : notnull
{
    private readonly KeyChanges<TKey, TRow> _changes = new(description);
    private bool _readsDeferred;

    public override bool WaitsForCommit => true;

    public override void ReadsDeferred() => _readsDeferred = true;

    public override void Step()
    {
        if (_readsDeferred) FormatAtOnce();
        else _changes.Add(input.Rows, input.Weights);
    }

    public override void Close(Epoch epoch)
    {
        foreach (ref readonly var change in _changes.Settle())
        {
            if (change.HasNew) formatter.Upsert(change.Key, change.New!, output.Buffer);
            else if (change.HasOld) formatter.Delete(change.Key, output.Buffer);
        }

        _changes.Clear();
    }

    // Each key comes once, its new row directly behind its old one: there is nothing to consolidate.
    private void FormatAtOnce()
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            if (input.WeightAt(i) > 0) formatter.Upsert(rows[i].Key, rows[i].Row, output.Buffer);
            else if (i + 1 == rows.Length || input.WeightAt(i + 1) < 0 || !EqualityComparer<TKey>.Default.Equals(rows[i].Key, rows[i + 1].Key)) formatter.Delete(rows[i].Key, output.Buffer);
        }
    }
}
