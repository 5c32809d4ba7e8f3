using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Puts each row under a key of its own. A key that has two rows at the end of an epoch stops the pipeline.</summary>
/// <remarks>State: how many rows each key has: one, between two epochs.</remarks>
public sealed class Rekey<TRow, TKey>(Batch<TRow> input, Func<TRow, TKey> key, KeyedState<TKey, long> state) : Operator<Keyed<TKey, TRow>>
    where TKey : notnull
{
    private readonly Func<TRow, TKey> _keyOf = row => key(row) ?? throw new BadDataException($"The row {row} has null as its key. Give such rows a key, or leave them out with .Where(…).");
    private readonly HashSet<TKey> _suspects = [];    // had another number of rows than none or one within the step

    /// <inheritdoc/>
    public override void StepAgain()
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
            if (Errors.Try(_keyOf, in rows[i], input.WeightAt(i), out var rowKey)) Output.Add(new Keyed<TKey, TRow>(rowKey, rows[i]), input.WeightAt(i));
    }

    /// <inheritdoc/>
    public override void Step()
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            var weight = input.WeightAt(i);
            if (!Errors.Try(_keyOf, in rows[i], weight, out var rowKey)) continue;
            ref var count = ref state.GetOrAdd(in rowKey, out _);
            count += weight;
            if (count is not (0 or 1)) _suspects.Add(rowKey);
            else if (count == 0) state.Remove(in rowKey);
            Output.Add(new Keyed<TKey, TRow>(rowKey, rows[i]), weight);
        }

        foreach (var suspect in _suspects)
            if (state.TryGet(in suspect, out var count) && count is not 1) throw Duplicate(suspect, count);
        _suspects.Clear();
    }

    private BadDataException Duplicate(TKey found, long count)
    {
        var some = input.Rows.ToArray().Where(r => key(r)!.Equals(found)).Take(2).Select(r => r!.ToString());
        return new($"Key {found} has {count} rows at once, among them {string.Join(" and ", some)}. A keyed table has one row under a key: choose a key that is unique, or group by it.");
    }
}
