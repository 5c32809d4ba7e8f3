using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Each row once, however often the input has it.</summary>
/// <remarks>State: how often the input has each row.</remarks>
public sealed class Distinct<TRow>(Batch<TRow> input, KeyedState<TRow, long> state) : Operator<TRow>
    where TRow : notnull
{
    /// <inheritdoc/>
    public override IEnumerable<Delta<TRow>> Contents()
    {
        foreach (var (row, count) in state.Stored())
            if (count > 0) yield return new(row, 1);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        var rows = input.Rows;
        state.Fetch(rows, static row => row);
        for (var i = 0; i < rows.Length; i++)
        {
            ref var count = ref state.GetOrAdd(in rows[i], out _);
            var before = count;
            count = checked(count + input.WeightAt(i));
            if (before > 0 != count > 0) Output.Add(in rows[i], count > 0 ? 1 : -1);
            if (count == 0) state.Remove(in rows[i]);
        }
    }
}
