using System.Buffers;
using System.Runtime.CompilerServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Groups rows by key and aggregates each group: a keyed table that has a row for each key with rows.</summary>
/// <remarks>
/// State: for each key the count of rows and the accumulators; a group at zero rows is gone. What a group was before the epoch is kept aside when the epoch first touches it, so that a group gives at
/// most its old row back and its new one out, however many rows it gets, and nothing where both are equal.
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
    private const int BlockLength = 64;

    private static readonly bool ValuesRefer = RuntimeHelpers.IsReferenceOrContainsReferences<TAccumulator>();
    private readonly TKey[] _keys = new TKey[BlockLength];
    private readonly (long Rows, TAccumulator Values)[] _now = new (long, TAccumulator)[BlockLength];
    private ulong[] _touched = new ulong[16];    // a bit for each entry of the state; all zero between two steps

    /// <inheritdoc/>
    public override void Step()
    {
        if (input.Count == 0) return;
        var before = ArrayPool<Before>.Shared.Rent(input.Count + 1);
        var touched = before.AsSpan(0, Accumulate(before));
        for (var from = 0; from < touched.Length; from += BlockLength) EmitBlock(touched.Slice(from, Math.Min(BlockLength, touched.Length - from)));
        ArrayPool<Before>.Shared.Return(before, clearArray: ValuesRefer);
    }

    /// <summary>Takes all rows in; gives how many groups were touched, with what they were before.</summary>
    private int Accumulate(Before[] before)
    {
        Span<SlotPlace> places = stackalloc SlotPlace[BlockLength];
        var rows = input.Rows;
        var weights = input.Weights;
        var touched = 0;
        for (var from = 0; from < rows.Length; from += BlockLength)
        {
            var block = rows.Slice(from, Math.Min(BlockLength, rows.Length - from));
            for (var i = 0; i < block.Length; i++) _keys[i] = key(block[i]) ?? throw NullKey();
            state.Seek(_keys.AsSpan(0, block.Length), places);
            if (_touched.Length << 6 < state.SlotLimit + BlockLength) Array.Resize(ref _touched, (state.SlotLimit + BlockLength) / 32);
            touched = Accumulate(block, weights.IsEmpty ? default : weights.Slice(from, block.Length), places, before, touched);
        }

        return touched;
    }

    private int Accumulate(ReadOnlySpan<TRow> rows, ReadOnlySpan<long> weights, ReadOnlySpan<SlotPlace> places, Before[] before, int touched)
    {
        var keys = _keys.AsSpan(0, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            var slot = state.SlotOf(in keys[i], places[i]);
            ref var group = ref state.ValueAt(slot);
            ref var bits = ref _touched[slot >> 6];
            // Without a branch, which would be a coin toss: what the group was is always written, and kept if this is the step's first touch.
            before[touched] = new Before { Slot = slot, Rows = group.Rows, Values = group.Values };
            touched += (int)(~bits >> slot & 1);
            bits |= 1UL << slot;
            var weight = weights.IsEmpty ? 1 : weights[i];
            group.Rows += weight;
            reducer.Add(ref group.Values, in rows[i], weight);
        }

        return touched;
    }

    private void EmitBlock(ReadOnlySpan<Before> touched)
    {
        // Apart from the loop that computes, so that misses of the processor's caches overlap.
        for (var i = 0; i < touched.Length; i++) _now[i] = state.ValueAt(touched[i].Slot);
        for (var i = 0; i < touched.Length; i++) Emit(in touched[i], in _now[i]);
    }

    private void Emit(in Before before, in (long Rows, TAccumulator Values) group)
    {
        state.Changed(before.Slot);
        _touched[before.Slot >> 6] = 0;    // all bits of the word belong to groups that are given out in this step
        ref readonly var groupKey = ref state.KeyAt(before.Slot);
        var (had, has) = (before.Rows != 0, group.Rows != 0);
        var old = had ? result(groupKey, before.Rows, before.Values) : default!;
        var now = has ? result(groupKey, group.Rows, group.Values) : default!;
        if (had && has && EqualityComparer<TOut>.Default.Equals(old, now)) return;
        if (had) Output.Add(new Keyed<TKey, TOut>(groupKey, old), -1);
        if (has) Output.Add(new Keyed<TKey, TOut>(groupKey, now));
        else state.RemoveAt(before.Slot);
    }

    private static BadDataException NullKey() => new("A row has null as the key of its group. Give such rows a key of their own, as in .GroupBy(o => o.Customer ?? \"none\"), or leave them out with .Where(…).");

    /// <summary>What a group was before this step.</summary>
    private struct Before
    {
        public int Slot;
        public long Rows;
        public TAccumulator Values;
    }
}
