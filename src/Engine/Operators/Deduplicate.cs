using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Per group the row that was accepted last: a row that comes is compared with it, and takes its place if it is accepted. Rows that go change nothing.</summary>
/// <remarks>State: the row of each group. It depends on the order in which rows come, which is that of their source.</remarks>
public sealed class Deduplicate<TRow, TGroup>(Batch<TRow> input, Func<TRow, TGroup> group, Func<TRow, TRow, bool> accept, KeyedState<TGroup, TRow> state) : Operator<Keyed<TGroup, TRow>>
    where TGroup : notnull
{
    /// <inheritdoc/>
    public override IEnumerable<Delta<Keyed<TGroup, TRow>>> Contents()
    {
        foreach (var (key, row) in state.Stored()) yield return new(new(key, row), 1);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            // A row without group has its error as long as it is there; one that couldn't be compared, for ever, as what was accepted stays.
            if (!Errors.Try(group, in rows[i], input.WeightAt(i), out var key) || input.WeightAt(i) <= 0) continue;
            var existed = state.TryGet(in key, out var old);
            if (existed && !(Errors.Try(accept, in rows[i], in old, 1, out var accepted) && accepted)) continue;
            if (existed) Output.Add(new Keyed<TGroup, TRow>(key, old), -1);
            Output.Add(new Keyed<TGroup, TRow>(key, rows[i]));
            state.Set(in key, in rows[i]);
        }
    }
}
