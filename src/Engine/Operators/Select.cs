namespace Pathway.Engine;

/// <summary>Each row becomes what <c>selector</c> makes of it.</summary>
public sealed class Select<TIn, TOut>(Batch<TIn> input, Func<TIn, TOut> selector) : Operator<TOut>
{
    /// <inheritdoc/>
    public override void Step()
    {
        var rows = input.Rows;
        var weights = input.Weights;
        if (weights.IsEmpty)
            foreach (ref readonly var row in rows) Output.Add(selector(row));
        else
            for (var i = 0; i < rows.Length; i++) Output.Add(selector(rows[i]), weights[i]);
    }
}
