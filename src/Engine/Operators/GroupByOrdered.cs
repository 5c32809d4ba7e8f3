using System.Buffers;
using System.Runtime.CompilerServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>As <see cref="GroupBy{TRow, TKey, TAccumulator, TReducer, TOut}"/>, with reducers among its own that have to see values again when others go: minimum, percentile, lists.</summary>
/// <remarks>State: for each key the count of rows, the accumulators and the row that was last given out; and the values that reducers want to see, in order.</remarks>
/// <param name="input">The rows.</param>
/// <param name="key">The key of a row.</param>
/// <param name="reducer">The reducers with accumulators.</param>
/// <param name="values">The values that are kept.</param>
/// <param name="reducers">The reducers over those values.</param>
/// <param name="result">The row of a group.</param>
/// <param name="state">State by group.</param>
public sealed class GroupByOrdered<TRow, TKey, TAccumulator, TReducer, TOut>(
    Batch<TRow> input, Func<TRow, TKey> key, TReducer reducer, GroupValues<TRow, TKey>[] values, GroupReducer<TKey>[] reducers,
    Func<TKey, long, TAccumulator, GroupReducer<TKey>[], TOut> result, KeyedState<TKey, OrderedGroup<TAccumulator, TOut>> state) : Operator<Keyed<TKey, TOut>>
    where TKey : notnull
    where TReducer : struct, IReducer<TRow, TAccumulator>
{
    private readonly HashSet<TKey> _touched = [];
    private TKey[] _keys = [];
    private bool[]? _leftOut;    // rows that became errors; null without any

    /// <inheritdoc/>
    public override IEnumerable<Delta<Keyed<TKey, TOut>>> Contents()
    {
        foreach (var (key, group) in state.Stored())
            if (group.HasRow) yield return new(new(key, group.Row!), 1);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        if (input.Count == 0) return;
        _keys = ArrayPool<TKey>.Shared.Rent(input.Count);
        // First all that a row can fail in, then what changes state.
        ReadKeys();
        foreach (var each in values) Read(each);
        for (var i = 0; i < input.Count; i++)
        {
            if (_leftOut?[i] == true) continue;
            ref var group = ref state.GetOrAdd(in _keys[i], out _);
            var accumulated = group.Values;
            if (!TryAdd(ref accumulated, i)) continue;
            _touched.Add(_keys[i]);
            group.Rows += input.WeightAt(i);
            group.Values = accumulated;
        }

        foreach (var each in values) each.Add(input.Weights, _keys.AsSpan(0, input.Count), _leftOut);
        ArrayPool<TKey>.Shared.Return(_keys, RuntimeHelpers.IsReferenceOrContainsReferences<TKey>());
        (_keys, _leftOut) = ([], null);
        foreach (var touched in _touched) Emit(touched);
        _touched.Clear();
    }

    private void ReadKeys()
    {
        var rows = input.Rows;
        for (var at = 0; at < rows.Length; at++)
        {
            try
            {
                for (; at < rows.Length; at++) _keys[at] = key(rows[at]) ?? throw new BadDataException("A row has null as the key of its group. Give such rows a key of their own, or leave them out with .Where(…).");
            }
            catch (Exception e) when (Takes(e))
            {
                LeaveOut(at, e);
            }
        }
    }

    private void Read(GroupValues<TRow, TKey> kept)
    {
        var rows = input.Rows;
        for (var at = 0; at < rows.Length; at++)
        {
            try
            {
                kept.Read(rows, ref at);
            }
            catch (Exception e) when (Takes(e))
            {
                LeaveOut(at, e);
            }
        }
    }

    private bool TryAdd(ref TAccumulator accumulated, int at)
    {
        if (Errors is null)
        {
            reducer.Add(ref accumulated, in input.Rows[at], input.WeightAt(at));
            return true;
        }

        try
        {
            reducer.Add(ref accumulated, in input.Rows[at], input.WeightAt(at));
            return true;
        }
        catch (Exception e) when (Takes(e) && FailsAlone(at))
        {
            LeaveOut(at, e);
            if (state.TryGet(in _keys[at], out var group) && group.Rows == 0 && !_touched.Contains(_keys[at])) state.Remove(in _keys[at]);
            return false;
        }
    }

    // As in GroupBy: whether the row is at fault, and not what it was added to.
    private bool FailsAlone(int at)
    {
        try
        {
            var empty = default(TAccumulator)!;
            reducer.Add(ref empty, in input.Rows[at], 1);
            return false;
        }
        catch (Exception e) when (Takes(e))
        {
            return true;
        }
    }

    private void LeaveOut(int at, Exception reason)
    {
        _leftOut ??= new bool[input.Count];
        if (!_leftOut[at]) Errors!.Add(in input.Rows[at], input.WeightAt(at), reason);
        _leftOut[at] = true;
    }

    private void Emit(TKey touched)
    {
        ref var group = ref state.GetOrAdd(in touched, out _);
        var (hadRow, old, oldError) = (group.HasRow, group.Row, group.Error);
        var has = group.Rows != 0;
        (group.HasRow, group.Row, group.Error) = (false, default, null);
        if (has) GiveRow(in touched, ref group);
        if (oldError != group.Error)
        {
            if (oldError is not null) Errors?.Add(StepErrors.TextOf(in touched), -1, oldError);
            if (group.Error is not null) Errors?.Add(StepErrors.TextOf(in touched), 1, group.Error);
        }

        var now = group;
        if (!has) state.Remove(in touched);
        if (hadRow && now.HasRow && EqualityComparer<TOut>.Default.Equals(old, now.Row)) return;
        if (hadRow) Output.Add(new Keyed<TKey, TOut>(touched, old!), -1);
        if (now.HasRow) Output.Add(new Keyed<TKey, TOut>(touched, now.Row!));
    }

    private void GiveRow(in TKey touched, ref OrderedGroup<TAccumulator, TOut> group)
    {
        try
        {
            group.Row = result(touched, group.Rows, group.Values, reducers);
            group.HasRow = true;
        }
        catch (Exception e) when (Takes(e))
        {
            group.Error = e.Message;
        }
    }
}

/// <summary>What is kept of a group with ordered reducers, beside its values.</summary>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Values">The accumulators.</param>
/// <param name="HasRow">Whether it gave a row out.</param>
/// <param name="Row">That row.</param>
/// <param name="Error">Why it gave none; null otherwise.</param>
public record struct OrderedGroup<TAccumulator, TOut>(long Rows, TAccumulator Values, bool HasRow, TOut? Row, string? Error);
