using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Each row with its number in the order of arrival within its group, from 1. A number is given once: a row that goes leaves a gap.</summary>
/// <remarks>State: for each group the last number, for each row its numbers.</remarks>
public sealed class Number<TRow, TGroup, TOut>(Batch<TRow> input, Func<TRow, TGroup> group, Func<TRow, long, TOut> result, KeyedState<TGroup, long> last, Arrangement<TRow, long> numbers) : Operator<TOut>
    where TGroup : notnull
    where TRow : notnull
{
    /// <inheritdoc/>
    public override IEnumerable<Delta<TOut>> Contents()
    {
        foreach (var (row, number) in numbers.Stored())
            if (Errors.Try(result, in row, number.Row, 1, out var given)) yield return new(given, 1);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            var weight = input.WeightAt(i);
            if (!Errors.Try(group, in rows[i], weight, out var key)) continue;
            for (; weight > 0; weight--) Come(in rows[i], in key);
            for (; weight < 0; weight++) Go(in rows[i]);
        }
    }

    private void Come(in TRow row, in TGroup key)
    {
        var number = ++last.GetOrAdd(in key, out _);
        numbers.Add(in row, in number, 1);
        if (Errors.Try(result, in row, in number, 1, out var given)) Output.Add(in given);
    }

    // Of equal rows the one that came last goes.
    private void Go(in TRow row)
    {
        var number = 0L;
        foreach (ref readonly var each in numbers.Rows(in row)) number = Math.Max(number, each.Row);
        if (number == 0) throw new Core.BadDataException($"The row {row} goes, but it never came. Rows that go before they come have no place in an order of arrival.");
        numbers.Add(in row, in number, -1);
        if (Errors.Try(result, in row, in number, -1, out var given)) Output.Add(in given, -1);
    }
}
