using Pathway.Connectors;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway.Execution;

/// <summary>Holds the changes of a keyed table back until a commit, and gives out one upsert or delete for each key that changed.</summary>
internal sealed class KeyedSinkOperator<TKey, TRow>(Batch<Keyed<TKey, TRow>> input, IKeyedFormatter<TKey, TRow> formatter, OutputPart output, string description, StateStore states) : SinkOperator, ICorrectable
    where TKey : notnull
{
    private readonly KeyChanges<TKey, TRow> _changes = new(description);
    private bool _readsDeferred;
    private HashSet<TKey>? _mayBeThere;    // while the target is corrected

    public override bool WaitsForCommit => true;

    public override void ReadsDeferred() => _readsDeferred = true;

    public override void Step()
    {
        if (_readsDeferred) FormatAtOnce();
        else _changes.Add(input.Rows, input.Weights);
    }

    public void BeginCorrection(OperatorId keys) => _mayBeThere = [.. states.KeysOf<TKey>(keys)];

    public void EndCorrection()
    {
        foreach (var key in _mayBeThere!) formatter.Delete(key, output.Buffer);
        _mayBeThere = null;
    }

    public override void Close(Epoch epoch)
    {
        foreach (ref readonly var change in _changes.Settle())
        {
            _mayBeThere?.Remove(change.Key);
            if (change.HasNew) formatter.Upsert(change.Key, change.New!, output.Buffer);
            else if (change.HasOld) formatter.Delete(change.Key, output.Buffer);
        }

        _changes.Clear();
    }

    // Each key comes once, its new row directly behind its old one: there is nothing to consolidate.
    private void FormatAtOnce()
    {
        var rows = input.Rows;
        if (_mayBeThere is not null)
            foreach (ref readonly var row in rows) _mayBeThere.Remove(row.Key);
        for (var i = 0; i < rows.Length; i++)
        {
            if (input.WeightAt(i) > 0) formatter.Upsert(rows[i].Key, rows[i].Row, output.Buffer);
            else if (i + 1 == rows.Length || input.WeightAt(i + 1) < 0 || !EqualityComparer<TKey>.Default.Equals(rows[i].Key, rows[i + 1].Key)) formatter.Delete(rows[i].Key, output.Buffer);
        }
    }
}
