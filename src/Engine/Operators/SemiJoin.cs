using System.Runtime.InteropServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>The left rows that have a match on the right, each as often as it is there; or those that have none.</summary>
/// <remarks>State: the left rows by key, and how many right rows each key has. A key with a null matches nothing.</remarks>
/// <param name="left">The left side.</param>
/// <param name="right">The right side.</param>
/// <param name="leftKey">The key of a left row.</param>
/// <param name="rightKey">The key of a right row.</param>
/// <param name="wanted">True for rows with a match, false for rows without.</param>
/// <param name="leftRows">State of the left side.</param>
/// <param name="rightCounts">State of the right side.</param>
public sealed class SemiJoin<TLeft, TRight, TKey>(
    Batch<TLeft> left, Batch<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey, bool wanted,
    Arrangement<TKey, TLeft> leftRows, KeyedState<TKey, long> rightCounts) : Operator<TLeft>
    where TKey : notnull
{
    private readonly Dictionary<TKey, bool> _had = [];

    /// <inheritdoc/>
    public override IEnumerable<Delta<TLeft>> Contents()
    {
        foreach (var (key, row) in leftRows.Stored())
            if ((rightCounts.TryGet(in key, out var count) && count > 0) == wanted) yield return row;
    }

    /// <inheritdoc/>
    public override void StepAgain()
    {
        var rows = left.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            if (!Errors.Try(leftKey, in rows[i], left.WeightAt(i), out var key)) continue;
            if ((!NullMembers<TKey>.AnyIn(in key) && rightCounts.TryGet(in key, out var count) && count > 0) == wanted) Output.Add(in rows[i], left.WeightAt(i));
        }
    }

    /// <inheritdoc/>
    public override void Step()
    {
        var leftInput = left.Rows;
        for (var i = 0; i < leftInput.Length; i++)
        {
            ref readonly var row = ref leftInput[i];
            var weight = left.WeightAt(i);
            if (!Errors.Try(leftKey, in row, weight, out var key)) continue;
            var isNull = NullMembers<TKey>.AnyIn(in key);
            if (!isNull) leftRows.Add(in key, in row, weight);
            if ((!isNull && rightCounts.TryGet(in key, out var count) && count > 0) == wanted) Output.Add(in row, weight);
        }

        var rightInput = right.Rows;
        for (var i = 0; i < rightInput.Length; i++)
        {
            if (!Errors.Try(rightKey, in rightInput[i], right.WeightAt(i), out var key)) continue;
            if (NullMembers<TKey>.AnyIn(in key)) continue;
            ref var count = ref rightCounts.GetOrAdd(in key, out _);
            ref var had = ref CollectionsMarshal.GetValueRefOrAddDefault(_had, key, out var touched);
            if (!touched) had = count > 0;
            count = checked(count + right.WeightAt(i));
        }

        foreach (var (key, had) in _had)
        {
            rightCounts.TryGet(in key, out var count);
            if (count == 0) rightCounts.Remove(in key);
            if (count > 0 == had) continue;
            foreach (ref readonly var row in leftRows.Rows(in key)) Output.Add(row.Row, count > 0 == wanted ? row.Weight : -row.Weight);
        }

        _had.Clear();
    }
}
