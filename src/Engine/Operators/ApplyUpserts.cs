using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>What a source says about keys becomes deltas of a keyed table: the old row goes, the new one comes. An equal row changes nothing.</summary>
/// <remarks>State: the row under each key. It supplies the old row, which the source's log need not carry, and what a patch leaves unchanged.</remarks>
public sealed class ApplyUpserts<TKey, TRow>(Batch<Upsert<TKey, TRow>> input, KeyedState<TKey, TRow> state, string name) : Operator<Keyed<TKey, TRow>>
    where TKey : notnull
{
    /// <inheritdoc/>
    public override void Step()
    {
        foreach (ref readonly var change in input.Rows)
        {
            var existed = state.TryGet(change.Key, out var old);
            if (change.IsDelete)
            {
                if (!existed) continue;
                Output.Add(new Keyed<TKey, TRow>(change.Key, old), -1);
                state.Remove(change.Key);
                continue;
            }

            var row = change.Patch is { } patch ? patch(existed ? old : throw Unknown(change.Key)) : change.Row!;
            if (existed && EqualityComparer<TRow>.Default.Equals(old, row)) continue;
            if (existed) Output.Add(new Keyed<TKey, TRow>(change.Key, old), -1);
            Output.Add(new Keyed<TKey, TRow>(change.Key, row));
            state.Set(change.Key, row);
        }
    }

    private BadDataException Unknown(TKey key) => new(
        $"Table '{name}' changed the row of key {key} without sending its unchanged large values, and the row was never seen. Load the table first (initial load), or give it REPLICA IDENTITY FULL.");
}
