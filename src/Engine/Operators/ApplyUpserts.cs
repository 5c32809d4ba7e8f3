using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>What a source says about keys becomes deltas of a keyed table: the old row goes, the new one comes. An equal row changes nothing.</summary>
/// <remarks>
/// State: the row under each key. It supplies the old row, which the source's log need not carry, and what a patch leaves unchanged. While the source says its table again, also the keys of which it said nothing yet: those of rows that are
/// gone without a word are left at the end.
/// </remarks>
public sealed class ApplyUpserts<TKey, TRow>(Batch<Upsert<TKey, TRow>> input, KeyedState<TKey, TRow> state, KeyedState<TKey, bool>? unsaid, string name) : Operator<Keyed<TKey, TRow>>
    where TKey : notnull
{
    private bool? _isSaidAgain = unsaid is null ? false : null; // as long as it isn't known, the state has to be asked

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
            case UpsertKind.LoadBegin: BeginLoad(); break;
            case UpsertKind.LoadEnd: EndLoad(); break;
        }
    }

    // As large as the table is, and so is what a load says.
    private void BeginLoad()
    {
        if (unsaid is null) throw new InvalidOperationException($"Table '{name}' is said again though its source doesn't say so.");
        foreach (var (key, _) in state.All().ToList()) unsaid.Set(key, true);
        _isSaidAgain = true;
    }

    private void EndLoad()
    {
        foreach (var (key, _) in unsaid!.All().ToList()) Delete(key);
        _isSaidAgain = false;
    }

    private void Say(TKey key)
    {
        if (_isSaidAgain ??= unsaid!.All().Any()) unsaid!.Remove(key);
    }

    private void Put(TKey key, TRow row)
    {
        Say(key);
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
        Say(key);
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
            Say(key);
            Output.Add(new Keyed<TKey, TRow>(key, row), -1);
            state.Remove(key);
        }
    }

    private BadDataException Unknown(TKey key) => new(
        $"Table '{name}' changed the row of key {key} without sending its unchanged large values, and the row was never seen. Load the table first (initial load), or give it REPLICA IDENTITY FULL.");
}
