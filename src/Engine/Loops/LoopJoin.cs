using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Inner join by key inside of a loop: a pair is there from the later of the rounds of its two rows on.</summary>
/// <remarks>State: an arrangement of each side by its key, the rows with their rounds.</remarks>
public sealed class LoopJoin<TLeft, TRight, TKey, TOut>(
    Batch<TLeft> left, Batch<TRight> right, Func<TLeft, TKey> leftKey, Func<TRight, TKey> rightKey, Func<TLeft, TRight, TOut> result,
    Arrangement<TKey, (int Round, TLeft Row)> leftRows, Arrangement<TKey, (int Round, TRight Row)> rightRows) : LoopOperator<TOut>
    where TKey : notnull
{
    /// <inheritdoc/>
    public override void Step()
    {
        var leftInput = left.Rows;
        for (var i = 0; i < leftInput.Length; i++)
        {
            ref readonly var row = ref leftInput[i];
            var weight = left.WeightAt(i);
            if (!Errors.Try(leftKey, in row, weight, out var key) || NullMembers<TKey>.AnyIn(in key)) continue;
            foreach (ref readonly var match in rightRows.Rows(in key)) Give(Math.Max(Round, match.Row.Round), in row, match.Row.Row, checked(weight * match.Weight));
            leftRows.Add(in key, (Round, row), weight);
        }

        var rightInput = right.Rows;
        for (var i = 0; i < rightInput.Length; i++)
        {
            ref readonly var row = ref rightInput[i];
            var weight = right.WeightAt(i);
            if (!Errors.Try(rightKey, in row, weight, out var key) || NullMembers<TKey>.AnyIn(in key)) continue;
            foreach (ref readonly var match in leftRows.Rows(in key)) Give(Math.Max(Round, match.Row.Round), match.Row.Row, in row, checked(weight * match.Weight));
            rightRows.Add(in key, (Round, row), weight);
        }
    }

    private void Give(int round, in TLeft leftRow, in TRight rightRow, long weight)
    {
        if (Errors.Try(result, in leftRow, in rightRow, weight, out var row)) BatchOf(round).Add(in row, weight);
    }
}
