using System.Buffers;
using System.Runtime.CompilerServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Groups rows by key and aggregates each group: a keyed table that has a row for each key with rows.</summary>
/// <remarks>
/// State: for each key the count of rows and the accumulators; a group at zero rows is gone. What a group was is kept aside when it is first touched, so that it gives at most its old row back and its new one
/// out, however many rows it gets, and nothing where both are equal: for an epoch, or, deferred, for all epochs of a commit.
/// </remarks>
/// <typeparam name="TRow">The rows.</typeparam>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TAccumulator">What the reducers keep.</typeparam>
/// <typeparam name="TReducer">The reducers.</typeparam>
/// <typeparam name="TOut">The row of a group.</typeparam>
public sealed class GroupBy<TRow, TKey, TAccumulator, TReducer, TOut>(
    Batch<TRow> input, Func<TRow, TKey> key, TReducer reducer, Func<TKey, long, TAccumulator, TOut> result, KeyedState<TKey, (long Rows, TAccumulator Values)> state) : Operator<Keyed<TKey, TOut>>, IDeferrable
    where TKey : notnull
    where TReducer : struct, IReducer<TRow, TAccumulator>
{
    private const int BlockLength = 64;

    /// <summary>Groups given out at a time at a commit: their rows stay in the processor's caches until the sink has read them.</summary>
    private const int GroupsAtATime = 512;

    private static readonly bool ValuesRefer = RuntimeHelpers.IsReferenceOrContainsReferences<TAccumulator>();
    private readonly TKey[] _keys = new TKey[BlockLength];
    private readonly (long Rows, TAccumulator Values)[] _now = new (long, TAccumulator)[BlockLength];
    private ulong[] _touched = new ulong[16];    // a bit for each entry of the state whose group is in _before
    private Before[] _before = [];
    private int _count, _emitted;    // of _before
    private bool _isDeferred;

    /// <inheritdoc/>
    public override void Step()
    {
        if (input.Count > 0) Accumulate();
        if (!_isDeferred)
            while (Emit(BlockLength)) { }
    }

    /// <inheritdoc/>
    public void Defer() => _isDeferred = true;

    /// <inheritdoc/>
    public bool EmitDeferred() => Emit(GroupsAtATime);

    private void Accumulate()
    {
        Span<SlotPlace> places = stackalloc SlotPlace[BlockLength];
        var rows = input.Rows;
        var weights = input.Weights;
        for (var from = 0; from < rows.Length; from += BlockLength)
        {
            var block = rows.Slice(from, Math.Min(BlockLength, rows.Length - from));
            for (var i = 0; i < block.Length; i++) _keys[i] = key(block[i]) ?? throw NullKey();
            state.Seek(_keys.AsSpan(0, block.Length), places);
            if (_touched.Length << 6 < state.SlotLimit + BlockLength) Array.Resize(ref _touched, (state.SlotLimit + BlockLength) / 32);
            if (_before.Length < _count + BlockLength) GrowBefore();
            Accumulate(block, weights.IsEmpty ? default : weights.Slice(from, block.Length), places);
        }
    }

    private void Accumulate(ReadOnlySpan<TRow> rows, ReadOnlySpan<long> weights, ReadOnlySpan<SlotPlace> places)
    {
        var keys = _keys.AsSpan(0, rows.Length);
        var touched = _touched;
        for (var i = 0; i < rows.Length; i++)
        {
            var slot = state.SlotOf(in keys[i], places[i]);
            ref var group = ref state.ValueAt(slot);
            ref var bits = ref touched[slot >> 6];
            if ((bits >> slot & 1) == 0)
            {
                bits |= 1UL << slot;
                _before[_count++] = new Before { Slot = slot, Rows = group.Rows, Values = group.Values };
                state.Changed(slot);    // it stays where it is until the commit
            }

            var weight = weights.IsEmpty ? 1 : weights[i];
            group.Rows += weight;
            reducer.Add(ref group.Values, in rows[i], weight);
        }
    }

    private bool Emit(int most)
    {
        if (_emitted == _count)
        {
            Forget();
            return false;
        }

        for (var until = Math.Min(_count, _emitted + most); _emitted < until;)
        {
            var block = _before.AsSpan(_emitted, Math.Min(BlockLength, until - _emitted));
            // Apart from the loop that computes, so that misses of the processor's caches overlap.
            for (var i = 0; i < block.Length; i++) _now[i] = state.ValueAt(block[i].Slot);
            for (var i = 0; i < block.Length; i++) Emit(in block[i], in _now[i]);
            _emitted += block.Length;
        }

        return true;
    }

    private void Emit(in Before before, in (long Rows, TAccumulator Values) group)
    {
        _touched[before.Slot >> 6] = 0;    // all bits of the word belong to groups that are given out now
        ref readonly var groupKey = ref state.KeyAt(before.Slot);
        var (had, has) = (before.Rows != 0, group.Rows != 0);
        var old = had ? result(groupKey, before.Rows, before.Values) : default!;
        var now = has ? result(groupKey, group.Rows, group.Values) : default!;
        if (had && has && EqualityComparer<TOut>.Default.Equals(old, now)) return;
        if (had) Output.Add(new Keyed<TKey, TOut>(groupKey, old), -1);
        if (has) Output.Add(new Keyed<TKey, TOut>(groupKey, now));
        else state.RemoveAt(before.Slot);
    }

    private void GrowBefore()
    {
        var larger = ArrayPool<Before>.Shared.Rent(Math.Max(2 * _before.Length, input.Count + BlockLength));
        _before.AsSpan(0, _count).CopyTo(larger);
        GiveBack();
        _before = larger;
    }

    private void Forget()
    {
        GiveBack();
        (_before, _count, _emitted) = ([], 0, 0);
    }

    private void GiveBack()
    {
        if (_before.Length > 0) ArrayPool<Before>.Shared.Return(_before, clearArray: ValuesRefer);
    }

    private static BadDataException NullKey() => new("A row has null as the key of its group. Give such rows a key of their own, as in .GroupBy(o => o.Customer ?? \"none\"), or leave them out with .Where(…).");

    /// <summary>What a group was before it was touched.</summary>
    private struct Before
    {
        public int Slot;
        public long Rows;
        public TAccumulator Values;
    }
}
