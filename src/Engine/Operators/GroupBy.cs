using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Groups rows by key and aggregates each group: a keyed table that has a row for each key with rows.</summary>
/// <remarks>
/// State: for each key the count of rows and the accumulators; a group at zero rows is gone. The rows of a step are summed up by key first, so that a group is looked up, and its row changed, once in a step
/// however many rows it gets.
/// </remarks>
/// <typeparam name="TRow">The rows.</typeparam>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TAccumulator">What the reducers keep.</typeparam>
/// <typeparam name="TReducer">The reducers.</typeparam>
/// <typeparam name="TOut">The row of a group.</typeparam>
public sealed class GroupBy<TRow, TKey, TAccumulator, TReducer, TOut>(
    Batch<TRow> input, Func<TRow, TKey> key, TReducer reducer, Func<TKey, long, TAccumulator, TOut> result, KeyedState<TKey, (long Rows, TAccumulator Values)> state) : Operator<Keyed<TKey, TOut>>
    where TKey : notnull
    where TReducer : struct, IReducer<TRow, TAccumulator>
{
    private static readonly bool KeyRefers = RuntimeHelpers.IsReferenceOrContainsReferences<TKey>();
    private readonly Dictionary<TKey, int> _places = [];
    private Change[] _changes = new Change[16];
    private int _count;

    /// <inheritdoc/>
    public override void Step()
    {
        if (input.Count == 0) return;
        SumUp();
        for (var i = 0; i < _count; i++) Apply(ref _changes[i]);
        if (KeyRefers) Array.Clear(_changes, 0, _count);
        _places.Clear();
        _count = 0;
    }

    private void SumUp()
    {
        var rows = input.Rows;
        var weights = input.Weights;
        for (var i = 0; i < rows.Length; i++)
        {
            ref readonly var row = ref rows[i];
            var weight = weights.IsEmpty ? 1 : weights[i];
            ref var change = ref ChangeOf(key(row));
            change.Rows += weight;
            reducer.Add(ref change.Values, row, weight);
        }
    }

    private ref Change ChangeOf(TKey group)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, group, out var existed);
        if (existed) return ref _changes[place];
        place = _count;
        if (_count == _changes.Length) Array.Resize(ref _changes, 2 * _count);
        _changes[_count] = new Change { Key = group };
        return ref _changes[_count++];
    }

    private void Apply(ref Change change)
    {
        ref var group = ref state.GetOrAdd(change.Key, out var existed);
        var before = existed && group.Rows != 0 ? result(change.Key, group.Rows, group.Values) : default!;
        var hadRow = existed && group.Rows != 0;
        group.Rows = checked(group.Rows + change.Rows);
        reducer.Merge(ref group.Values, change.Values);
        var hasRow = group.Rows != 0;
        var after = hasRow ? result(change.Key, group.Rows, group.Values) : default!;
        if (!hasRow) state.Remove(change.Key);
        if (hadRow && hasRow && EqualityComparer<TOut>.Default.Equals(before, after)) return;
        if (hadRow) Output.Add(new Keyed<TKey, TOut>(change.Key, before), -1);
        if (hasRow) Output.Add(new Keyed<TKey, TOut>(change.Key, after));
    }

    private struct Change
    {
        public TKey Key;
        public long Rows;
        public TAccumulator Values;
    }
}
