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
    public override IEnumerable<Delta<Keyed<TKey, TOut>>> Contents()
    {
        foreach (var (key, group) in state.Stored())
            if (group.Rows != 0 && TryResult(in key, group.Rows, in group.Values, 1, out var row)) yield return new(new(key, row), 1);
    }

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
            var blockWeights = weights.IsEmpty ? default : weights.Slice(from, block.Length);
            if (!TryReadKeys(block)) LeaveOut(ref block, ref blockWeights);
            state.Seek(_keys.AsSpan(0, block.Length), places);
            if (_touched.Length << 6 < state.SlotLimit + BlockLength) Array.Resize(ref _touched, (state.SlotLimit + BlockLength) / 32);
            if (_before.Length < _count + BlockLength) GrowBefore();
            for (var at = 0; at < block.Length; at++)
            {
                try
                {
                    Accumulate(block, blockWeights, places, ref at);
                }
                catch (Exception e) when (Takes(e) && FailsAlone(in block[at]))
                {
                    Errors!.Add(in block[at], blockWeights.IsEmpty ? 1 : blockWeights[at], e);
                }
            }
        }
    }

    // Where it throws, `at` is the row at hand, of which nothing has been taken in.
    private void Accumulate(ReadOnlySpan<TRow> rows, ReadOnlySpan<long> weights, ReadOnlySpan<SlotPlace> places, ref int at)
    {
        var keys = _keys.AsSpan(0, rows.Length);
        var touched = _touched;
        var whole = Errors is not null;
        for (var i = at; i < rows.Length; i++)
        {
            at = i;
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
            if (whole)
            {
                // Of several reducers a later one may throw: then the earlier ones haven't seen the row either.
                var values = group.Values;
                reducer.Add(ref values, in rows[i], weight);
                group.Values = values;
            }
            else
            {
                reducer.Add(ref group.Values, in rows[i], weight);
            }

            group.Rows += weight;
        }
    }

    private bool TryReadKeys(ReadOnlySpan<TRow> rows)
    {
        try
        {
            for (var i = 0; i < rows.Length; i++) _keys[i] = key(rows[i]) ?? throw NullKey();
            return true;
        }
        catch (Exception e) when (Takes(e))
        {
            return false;
        }
    }

    /// <summary>Some row of a block has no key: such rows become errors, and the block is copied without them.</summary>
    private void LeaveOut(ref ReadOnlySpan<TRow> rows, ref ReadOnlySpan<long> weights)
    {
        var (kept, keptWeights) = (new TRow[rows.Length], new long[rows.Length]);
        var count = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            if (!Errors.Try(row => key(row) ?? throw NullKey(), in rows[i], weight, out _keys[count])) continue;
            (kept[count], keptWeights[count++]) = (rows[i], weight);
        }

        rows = kept.AsSpan(0, count);
        weights = keptWeights.AsSpan(0, count);
    }

    /// <summary>Whether the row is at fault, and not what it was added to: a sum that overflows would be right again in another order.</summary>
    private bool FailsAlone(in TRow row)
    {
        try
        {
            var empty = default(TAccumulator)!;
            reducer.Add(ref empty, in row, 1);
            return false;
        }
        catch (Exception e) when (Takes(e))
        {
            return true;
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
        TOut old = default!, now = default!;
        var hadRow = had && TryResult(in groupKey, before.Rows, in before.Values, -1, out old);
        var hasRow = has && TryResult(in groupKey, group.Rows, in group.Values, 1, out now);
        if (hadRow && hasRow && EqualityComparer<TOut>.Default.Equals(old, now)) return;
        if (hadRow) Output.Add(new Keyed<TKey, TOut>(groupKey, old), -1);
        if (hasRow) Output.Add(new Keyed<TKey, TOut>(groupKey, now));
        if (!has) state.RemoveAt(before.Slot);
    }

    private bool TryResult(in TKey groupKey, long rows, in TAccumulator values, long weight, out TOut row)
    {
        if (Errors is null)
        {
            row = result(groupKey, rows, values);
            return true;
        }

        try
        {
            row = result(groupKey, rows, values);
            return true;
        }
        catch (Exception e) when (Takes(e))
        {
            Errors.Add(in groupKey, weight, e);
            row = default!;
            return false;
        }
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
