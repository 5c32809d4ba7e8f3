using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>What a source says about keys becomes deltas of a keyed table: the old row goes, the new one comes. An equal row changes nothing.</summary>
/// <remarks>State: the row under each key. It supplies the old row, which the source's log need not carry, and what a patch leaves unchanged.</remarks>
public sealed class ApplyUpserts<TKey, TRow>(Batch<Upsert<TKey, TRow>> input, KeyedState<TKey, TRow> state, string name) : Operator<Keyed<TKey, TRow>>
    where TKey : notnull
{
    /// <inheritdoc/>
    public override IEnumerable<Delta<Keyed<TKey, TRow>>> Contents()
    {
        foreach (var (key, row) in state.Stored()) yield return new(new(key, row), 1);
    }

    /// <inheritdoc/>
    public override IEnumerable<Delta<Keyed<TKey, TRow>>> TakeOver(OperatorId before, RowConversion conversion)
    {
        foreach (var (key, row) in state.TakeOver(before, conversion)) yield return new(new(key, row), 1);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        state.Fetch(input.Rows, static change => change.Key);
        foreach (ref readonly var change in input.Rows) Apply(in change, this);
    }

    /// <summary>Takes one change in.</summary>
    /// <param name="change">The change, of a key that this worker owns.</param>
    /// <param name="from">Where the row is that a patch is applied to: another worker's operator where that one owns its key.</param>
    internal void Apply(in Upsert<TKey, TRow> change, ApplyUpserts<TKey, TRow>? from)
    {
        switch (change.Kind)
        {
            case UpsertKind.Put: Put(change.Key, change.Row!); break;
            case UpsertKind.Change: Apply(change.Key, change.Patch!, from!); break;
            case UpsertKind.Delete: Delete(change.Key); break;
            case UpsertKind.Clear: DeleteAll(); break;
        }
    }

    private void Put(TKey key, TRow row)
    {
        if (state.TryGet(key, out var old))
        {
            if (EqualityComparer<TRow>.Default.Equals(old, row)) return;
            Output.Add(new Keyed<TKey, TRow>(key, old), -1);
        }

        Output.Add(new Keyed<TKey, TRow>(key, row));
        state.Set(key, row);
    }

    private void Apply(TKey key, Patch<TKey, TRow> patch, ApplyUpserts<TKey, TRow> from)
    {
        if (!from.TryGet(patch.From, out var old))
        {
            if (patch.OnlyIfKnown) return;
            throw Unknown(patch.From);
        }

        var row = patch.Apply(old);
        if (!EqualityComparer<TKey>.Default.Equals(patch.From, key)) from.Delete(patch.From);
        Put(key, row);
    }

    private bool TryGet(TKey key, out TRow row) => state.TryGet(key, out row);

    private void Delete(TKey key)
    {
        if (!state.TryGet(key, out var old)) return;
        Output.Add(new Keyed<TKey, TRow>(key, old), -1);
        state.Remove(key);
    }

    // As large as the table is: the rows are what everything behind it has to forget.
    private void DeleteAll()
    {
        var rows = state.All().ToList();
        foreach (var (key, row) in rows)
        {
            Output.Add(new Keyed<TKey, TRow>(key, row), -1);
            state.Remove(key);
        }
    }

    private BadDataException Unknown(TKey key) => new(
        $"Table '{name}' changed the row of key {key} without sending its unchanged large values, and the row was never seen. Load the table first (initial load), or give it REPLICA IDENTITY FULL.");
}
