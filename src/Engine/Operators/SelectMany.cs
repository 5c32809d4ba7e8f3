namespace Pathway.Engine;

/// <summary>Each row becomes any number of rows.</summary>
public sealed class SelectMany<TIn, TOut>(Batch<TIn> input, Func<TIn, IEnumerable<TOut>> selector) : Operator<TOut>
{
    /// <inheritdoc/>
    public override void Step()
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            var weight = input.WeightAt(i);
            foreach (var row in selector(rows[i])) Output.Add(row, weight);
        }
    }
}
