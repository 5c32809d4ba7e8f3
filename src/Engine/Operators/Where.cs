namespace Pathway.Engine;

/// <summary>Keeps the rows for which <c>keep</c> is true.</summary>
public sealed class Where<TRow>(Batch<TRow> input, Func<TRow, bool> keep) : Operator<TRow>
{
    /// <inheritdoc/>
    public override void Step()
    {
        for (var at = 0; at < input.Count; at++)
        {
            try
            {
                Run(ref at);
            }
            catch (Exception e) when (Takes(e))
            {
                Errors!.Add(in input.Rows[at], input.WeightAt(at), e);
            }
        }
    }

    // Where it throws, `at` is the row at hand.
    private void Run(ref int at)
    {
        var rows = input.Rows;
        for (var i = at; i < rows.Length; i++)
        {
            at = i;
            if (keep(rows[i])) Output.Add(rows[i], input.WeightAt(i));
        }
    }
}
