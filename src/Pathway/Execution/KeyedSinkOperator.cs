using Pathway.Connectors;
using Pathway.Core;
using Pathway.Engine;

namespace Pathway.Execution;

/// <summary>Holds the changes of a keyed table back until a commit, and gives out one upsert or delete for each key that changed.</summary>
internal sealed class KeyedSinkOperator<TKey, TRow>(Batch<Keyed<TKey, TRow>> input, IKeyedFormatter<TKey, TRow> formatter, EngineOutput output, string description) : SinkOperator
    where TKey : notnull
{
    private readonly KeyChanges<TKey, TRow> _changes = new(description);

    public override void Step() => _changes.Add(input.Rows, input.Weights);

    public override void Close(Epoch epoch)
    {
        foreach (ref readonly var change in _changes.Settle())
        {
            if (change.HasNew) formatter.Upsert(change.Key, change.New!, output.Buffer);
            else if (change.HasOld) formatter.Delete(change.Key, output.Buffer);
        }

        _changes.Clear();
    }
}
