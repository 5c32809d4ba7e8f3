using System.Runtime.InteropServices;
using Pathway.Core;

namespace Pathway.Engine;

/// <summary>The deltas of a batch with equal rows put together: what comes and goes within a step is nothing.</summary>
/// <remarks>Reused from step to step by one operator.</remarks>
internal sealed class Consolidation<TRow>
{
    private readonly Dictionary<ValueTuple<TRow>, int> _places = [];
    private readonly List<Delta<TRow>> _deltas = [];

    /// <summary>The consolidated deltas, some with weight zero; valid until the next call.</summary>
    public ReadOnlySpan<Delta<TRow>> Of(Batch<TRow> batch)
    {
        _deltas.Clear();
        _places.Clear();
        var rows = batch.Rows;
        if (batch.Weights.IsEmpty)
        {
            foreach (ref readonly var row in rows) _deltas.Add(new Delta<TRow>(row, 1));
            return CollectionsMarshal.AsSpan(_deltas);
        }

        for (var i = 0; i < rows.Length; i++)
        {
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, new ValueTuple<TRow>(rows[i]), out var known);
            if (known)
            {
                ref var delta = ref CollectionsMarshal.AsSpan(_deltas)[place];
                delta = delta with { Weight = checked(delta.Weight + batch.WeightAt(i)) };
                continue;
            }

            place = _deltas.Count;
            _deltas.Add(new Delta<TRow>(rows[i], batch.WeightAt(i)));
        }

        return CollectionsMarshal.AsSpan(_deltas);
    }
}
