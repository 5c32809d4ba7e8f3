using System.Runtime.InteropServices;
using Pathway.Connectors;
using Pathway.Engine;

namespace Pathway.Execution;

/// <summary>Formats the changes of a table without key, consolidated within an epoch where rows also go, with time and diff.</summary>
internal sealed class ChangeSinkOperator<TRow>(Batch<TRow> input, IChangeFormatter<TRow> formatter, OutputPart output) : SinkOperator
{
    private readonly Dictionary<ValueTuple<TRow>, long> _weights = [];

    public override void Step()
    {
        var rows = input.Rows;
        if (input.Weights.IsEmpty)
        {
            // Rows that only come don't cancel out, so nothing has to be put together.
            foreach (ref readonly var row in rows) formatter.Format(in row, 1, Epoch, output.Buffer);
            return;
        }

        for (var i = 0; i < rows.Length; i++) CollectionsMarshal.GetValueRefOrAddDefault(_weights, new ValueTuple<TRow>(rows[i]), out _) += input.WeightAt(i);
        foreach (var (row, weight) in _weights)
            if (weight != 0) formatter.Format(row.Item1, weight, Epoch, output.Buffer);
        _weights.Clear();
    }
}
