namespace Pathway.Engine;

/// <summary>Keeps the rows for which <c>keep</c> is true.</summary>
public sealed class Where<TRow>(Batch<TRow> input, Func<TRow, bool> keep) : Operator<TRow>
{
    /// <inheritdoc/>
    public override void Step()
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
            if (keep(rows[i])) Output.Add(rows[i], input.WeightAt(i));
    }
}
