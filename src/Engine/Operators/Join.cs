using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Inner join by key: Δa⋈b + (a+Δa)⋈Δb. A key that is null, or has a member that is, matches nothing, as in SQL.</summary>
/// <remarks>State: an arrangement of each side by its key.</remarks>
public sealed class Join<TLeft, TRight, TKey, TOut>(
    Batch<TLeft> left, Batch<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TLeft, TRight, TOut> result,
    Arrangement<TKey, TLeft> leftRows, Arrangement<TKey, TRight> rightRows) : Operator<TOut>
    where TKey : notnull
{
    /// <inheritdoc/>
    public override void Step()
    {
        var leftInput = left.Rows;
        for (var i = 0; i < leftInput.Length; i++)
        {
            ref readonly var row = ref leftInput[i];
            var key = leftKey(row);
            if (NullMembers<TKey>.AnyIn(in key)) continue;
            var weight = left.WeightAt(i);
            foreach (ref readonly var match in rightRows.Rows(key)) Output.Add(result(row, match.Row), checked(weight * match.Weight));
            leftRows.Add(key, row, weight);
        }

        var rightInput = right.Rows;
        for (var i = 0; i < rightInput.Length; i++)
        {
            ref readonly var row = ref rightInput[i];
            var key = rightKey(row);
            if (NullMembers<TKey>.AnyIn(in key)) continue;
            var weight = right.WeightAt(i);
            foreach (ref readonly var match in leftRows.Rows(key)) Output.Add(result(match.Row, row), checked(weight * match.Weight));
            rightRows.Add(key, row, weight);
        }
    }
}
