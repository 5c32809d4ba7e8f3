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
    private const int AtKey = -1;

    /// <inheritdoc/>
    public override IEnumerable<Delta<TOut>> Contents()
    {
        foreach (var (key, row) in leftRows.Stored())
            foreach (var match in rightRows.Rows(in key).ToArray())
                if (Errors.Try(result, row.Row, match.Row, 1, out var pair)) yield return new(pair, checked(row.Weight * match.Weight));
    }

    /// <inheritdoc/>
    public override void Step()
    {
        // A row of which a pair threw is entered again behind that pair.
        var (at, match) = (0, AtKey);
        while (at < left.Count)
        {
            try
            {
                RunLeft(ref at, ref match);
            }
            catch (Exception e) when (Takes(e))
            {
                ref readonly var row = ref left.Rows[at];
                if (match == AtKey) Errors!.Add(in row, left.WeightAt(at++), e);
                else AddError(in row, in rightRows.Rows(leftKey(row))[match++], left.WeightAt(at), e);
            }
        }

        (at, match) = (0, AtKey);
        while (at < right.Count)
        {
            try
            {
                RunRight(ref at, ref match);
            }
            catch (Exception e) when (Takes(e))
            {
                ref readonly var row = ref right.Rows[at];
                if (match == AtKey) Errors!.Add(in row, right.WeightAt(at++), e);
                else AddError(in leftRows.Rows(rightKey(row))[match++], in row, right.WeightAt(at), e);
            }
        }
    }

    // Where it throws, `at` is the row at hand, and `match` the number of the matching one.
    private void RunLeft(ref int at, ref int match)
    {
        var input = left.Rows;
        for (; at < input.Length; at++)
        {
            ref readonly var row = ref input[at];
            var first = Math.Max(match, 0);
            match = AtKey;
            var key = leftKey(row);
            if (NullMembers<TKey>.AnyIn(in key)) continue;
            var weight = left.WeightAt(at);
            var matches = rightRows.Rows(key);
            for (var i = first; i < matches.Length; i++)
            {
                match = i;
                Output.Add(result(row, matches[i].Row), checked(weight * matches[i].Weight));
            }

            match = AtKey;
            leftRows.Add(key, row, weight);
        }
    }

    private void RunRight(ref int at, ref int match)
    {
        var input = right.Rows;
        for (; at < input.Length; at++)
        {
            ref readonly var row = ref input[at];
            var first = Math.Max(match, 0);
            match = AtKey;
            var key = rightKey(row);
            if (NullMembers<TKey>.AnyIn(in key)) continue;
            var weight = right.WeightAt(at);
            var matches = leftRows.Rows(key);
            for (var i = first; i < matches.Length; i++)
            {
                match = i;
                Output.Add(result(matches[i].Row, row), checked(weight * matches[i].Weight));
            }

            match = AtKey;
            rightRows.Add(key, row, weight);
        }
    }

    private void AddError(in TLeft row, in Delta<TRight> match, long weight, Exception e) => Errors!.Add(in row, match.Row, checked(weight * match.Weight), e);

    private void AddError(in Delta<TLeft> match, in TRight row, long weight, Exception e) => Errors!.Add(match.Row, in row, checked(weight * match.Weight), e);
}
