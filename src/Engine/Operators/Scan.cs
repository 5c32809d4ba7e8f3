using System.Runtime.InteropServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>A fold over all changes of a group, whether rows come or go. A group shows its value while it has rows; what was folded stays for ever.</summary>
/// <remarks>State: for each group that ever was the count of its rows and the value.</remarks>
public sealed class Scan<TRow, TGroup, TValue>(Batch<TRow> input, Func<TRow, TGroup> group, TValue seed, Func<TValue, TRow, long, TValue> add, KeyedState<TGroup, (long Rows, TValue Value)> state)
    : Operator<Keyed<TGroup, TValue>>
    where TGroup : notnull
{
    private readonly Consolidation<TRow> _consolidation = new();
    private readonly Dictionary<TGroup, (long Rows, TValue Value)> _before = [];

    /// <inheritdoc/>
    public override IEnumerable<Delta<Keyed<TGroup, TValue>>> Contents()
    {
        foreach (var (key, group) in state.Stored())
            if (group.Rows > 0) yield return new(new(key, group.Value), 1);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        foreach (ref readonly var change in _consolidation.Of(input))
        {
            if (change.Weight == 0 || !Errors.Try(group, change.Row, change.Weight, out var key)) continue;
            ref var now = ref state.GetOrAdd(in key, out var existed);
            if (!existed) now = (0, seed);
            ref var before = ref CollectionsMarshal.GetValueRefOrAddDefault(_before, key, out var touched);
            if (!touched) before = now;
            now = (now.Rows + change.Weight, add(now.Value, change.Row, change.Weight));
        }

        foreach (var (key, before) in _before)
        {
            state.TryGet(in key, out var now);
            if (before.Rows > 0 && now.Rows > 0 && EqualityComparer<TValue>.Default.Equals(before.Value, now.Value)) continue;
            if (before.Rows > 0) Output.Add(new Keyed<TGroup, TValue>(key, before.Value), -1);
            if (now.Rows > 0) Output.Add(new Keyed<TGroup, TValue>(key, now.Value));
        }

        _before.Clear();
    }
}
