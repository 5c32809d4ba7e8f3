using System.Runtime.InteropServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>A join that also gives rows without a match, beside nothing: those of the left side, of the right side, or of both.</summary>
/// <remarks>
/// State: an arrangement of each side by its key. First the changes of the left side meet the right side as it was, then those of the right side meet the left side as it is: after each half the output is
/// that of the join over what both sides then hold. A row whose key has a null matches nothing.
/// </remarks>
/// <param name="left">The left side.</param>
/// <param name="right">The right side.</param>
/// <param name="leftKey">The key of a left row.</param>
/// <param name="rightKey">The key of a right row.</param>
/// <param name="result">The row of a match.</param>
/// <param name="leftAlone">The row of a left row without match; null to leave such rows out.</param>
/// <param name="rightAlone">The row of a right row without match; null to leave such rows out.</param>
/// <param name="leftRows">State of the left side.</param>
/// <param name="rightRows">State of the right side.</param>
public sealed class OuterJoin<TLeft, TRight, TKey, TOut>(
    Batch<TLeft> left, Batch<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TLeft, TRight, TOut> result, Func<TLeft, TOut>? leftAlone, Func<TRight, TOut>? rightAlone,
    Arrangement<TKey, TLeft> leftRows, Arrangement<TKey, TRight> rightRows) : Operator<TOut>
    where TKey : notnull
{
    private readonly Dictionary<TKey, bool> _had = [];    // whether a touched key had rows on the side at hand

    /// <inheritdoc/>
    public override IEnumerable<Delta<TOut>> Contents()
    {
        foreach (var (key, row) in leftRows.Stored())
        {
            var matches = rightRows.Rows(in key).ToArray();
            foreach (var match in matches)
                if (Errors.Try(result, row.Row, match.Row, 1, out var pair)) yield return new(pair, checked(row.Weight * match.Weight));
            if (matches.Length == 0 && leftAlone is not null && Errors.Try(leftAlone, row.Row, 1, out var alone)) yield return new(alone, row.Weight);
        }

        if (rightAlone is null) yield break;
        foreach (var (key, row) in rightRows.Stored())
            if (leftRows.Rows(in key).IsEmpty && Errors.Try(rightAlone, row.Row, 1, out var alone)) yield return new(alone, row.Weight);
    }

    /// <inheritdoc/>
    public override void StepAgain()
    {
        // Both sides are in the state already: each left row meets its matches, each right row is looked at for whether it has any.
        var rows = left.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            if (Errors.Try(leftKey, in rows[i], left.WeightAt(i), out var key)) Meet(in rows[i], in key, left.WeightAt(i));
        }

        if (rightAlone is null) return;
        var others = right.Rows;
        for (var i = 0; i < others.Length; i++)
        {
            if (!Errors.Try(rightKey, in others[i], right.WeightAt(i), out var key)) continue;
            if (NullMembers<TKey>.AnyIn(in key) || leftRows.Rows(in key).IsEmpty) Give(rightAlone, in others[i], right.WeightAt(i));
        }
    }

    /// <inheritdoc/>
    public override void Step()
    {
        StepLeft();
        StepRight();
    }

    private void StepLeft()
    {
        var rows = left.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            ref readonly var row = ref rows[i];
            var weight = left.WeightAt(i);
            if (!Errors.Try(leftKey, in row, weight, out var key)) continue;
            Meet(in row, in key, weight);
            if (NullMembers<TKey>.AnyIn(in key)) continue;
            if (rightAlone is not null) Touch(in key, !leftRows.Rows(in key).IsEmpty);
            leftRows.Add(in key, in row, weight);
        }

        if (rightAlone is null) return;
        foreach (var (key, had) in _had)
        {
            var has = !leftRows.Rows(in key).IsEmpty;
            if (had == has) continue;
            foreach (ref readonly var row in rightRows.Rows(in key)) Give(rightAlone, row.Row, has ? -row.Weight : row.Weight);
        }

        _had.Clear();
    }

    /// <summary>A left row meets its matches, or stands alone.</summary>
    private void Meet(in TLeft row, in TKey key, long weight)
    {
        var matches = NullMembers<TKey>.AnyIn(in key) ? [] : rightRows.Rows(in key);
        if (matches.IsEmpty && leftAlone is not null) Give(leftAlone, in row, weight);
        foreach (ref readonly var match in matches) Give(in row, match.Row, checked(weight * match.Weight));
    }

    private void StepRight()
    {
        var rows = right.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            ref readonly var row = ref rows[i];
            var weight = right.WeightAt(i);
            if (!Errors.Try(rightKey, in row, weight, out var key)) continue;
            var matches = NullMembers<TKey>.AnyIn(in key) ? [] : leftRows.Rows(in key);
            if (matches.IsEmpty && rightAlone is not null) Give(rightAlone, in row, weight);
            foreach (ref readonly var match in matches) Give(match.Row, in row, checked(weight * match.Weight));
            if (NullMembers<TKey>.AnyIn(in key)) continue;
            if (leftAlone is not null) Touch(in key, !rightRows.Rows(in key).IsEmpty);
            rightRows.Add(in key, in row, weight);
        }

        if (leftAlone is null) return;
        foreach (var (key, had) in _had)
        {
            var has = !rightRows.Rows(in key).IsEmpty;
            if (had == has) continue;
            foreach (ref readonly var row in leftRows.Rows(in key)) Give(leftAlone, row.Row, has ? -row.Weight : row.Weight);
        }

        _had.Clear();
    }

    private void Give(in TLeft leftRow, in TRight rightRow, long weight)
    {
        if (Errors.Try(result, in leftRow, in rightRow, weight, out var row)) Output.Add(in row, weight);
    }

    private void Give<TRow>(Func<TRow, TOut> alone, in TRow of, long weight)
    {
        if (Errors.Try(alone, in of, weight, out var row)) Output.Add(in row, weight);
    }

    private void Touch(in TKey key, bool has)
    {
        ref var had = ref CollectionsMarshal.GetValueRefOrAddDefault(_had, key, out var touched);
        if (!touched) had = has;
    }
}
