using System.Runtime.InteropServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>What two keyed tables have under one key.</summary>
/// <param name="HasLeft">Whether the left one has a row.</param>
/// <param name="Left">That row.</param>
/// <param name="HasRight">Whether the right one has a row.</param>
/// <param name="Right">That row.</param>
public readonly record struct Pair<TLeft, TRight>(bool HasLeft, TLeft? Left, bool HasRight, TRight? Right);

/// <summary>What comes of a pair: false for nothing.</summary>
public delegate bool ZipRule<TLeft, TRight, TOut>(in Pair<TLeft, TRight> pair, out TOut row);

/// <summary>Two keyed tables side by side: under each key comes what a rule makes of the rows that they have there.</summary>
/// <remarks>State: both rows of each key. A key gives at most its old row back and its new one out in an epoch.</remarks>
public sealed class Zip<TKey, TLeft, TRight, TOut>(
    Batch<Keyed<TKey, TLeft>> left, Batch<Keyed<TKey, TRight>> right, ZipRule<TLeft, TRight, TOut> rule, KeyedState<TKey, Pair<TLeft, TRight>> state) : Operator<Keyed<TKey, TOut>>
    where TKey : notnull
{
    private readonly Consolidation<Keyed<TKey, TLeft>> _left = new();
    private readonly Consolidation<Keyed<TKey, TRight>> _right = new();
    private readonly Dictionary<TKey, Pair<TLeft, TRight>> _before = [];

    /// <inheritdoc/>
    public override IEnumerable<Delta<Keyed<TKey, TOut>>> Contents()
    {
        foreach (var (key, pair) in state.Stored())
            if (Follow(in key, in pair, 1, out var row)) yield return new(new(key, row), 1);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        // What goes comes first, so that a key never seems to have two rows.
        var leftChanges = _left.Of(left);
        state.Fetch(leftChanges, static change => change.Row.Key);
        foreach (ref readonly var change in leftChanges)
            if (change.Weight < 0) Touch(change.Row.Key, out var pair) = pair with { HasLeft = false, Left = default };
        foreach (ref readonly var change in leftChanges)
            if (change.Weight > 0) Touch(change.Row.Key, out var pair) = pair with { HasLeft = true, Left = change.Row.Row };
        var rightChanges = _right.Of(right);
        state.Fetch(rightChanges, static change => change.Row.Key);
        foreach (ref readonly var change in rightChanges)
            if (change.Weight < 0) Touch(change.Row.Key, out var pair) = pair with { HasRight = false, Right = default };
        foreach (ref readonly var change in rightChanges)
            if (change.Weight > 0) Touch(change.Row.Key, out var pair) = pair with { HasRight = true, Right = change.Row.Row };
        foreach (var (key, before) in _before) Emit(key, before);
        _before.Clear();
    }

    /// <summary>The place of a key's pair, and what stands there.</summary>
    private ref Pair<TLeft, TRight> Touch(in TKey key, out Pair<TLeft, TRight> now)
    {
        ref var pair = ref state.GetOrAdd(in key, out _);
        ref var before = ref CollectionsMarshal.GetValueRefOrAddDefault(_before, key, out var touched);
        if (!touched) before = pair;
        now = pair;
        return ref pair;
    }

    private void Emit(in TKey key, in Pair<TLeft, TRight> before)
    {
        state.TryGet(in key, out var now);
        if (!now.HasLeft && !now.HasRight) state.Remove(in key);
        var had = Follow(in key, in before, -1, out var old);
        var has = Follow(in key, in now, 1, out var row);
        if (had && has && EqualityComparer<TOut>.Default.Equals(old, row)) return;
        if (had) Output.Add(new Keyed<TKey, TOut>(key, old), -1);
        if (has) Output.Add(new Keyed<TKey, TOut>(key, row));
    }

    private bool Follow(in TKey key, in Pair<TLeft, TRight> pair, long weight, out TOut row)
    {
        try
        {
            return rule(in pair, out row);
        }
        catch (Exception e) when (Takes(e))
        {
            Errors!.Add(in key, weight, e);
            row = default!;
            return false;
        }
    }
}
