namespace Pathway.Engine;

/// <summary>Each row becomes any number of rows.</summary>
public sealed class SelectMany<TIn, TOut>(Batch<TIn> input, Func<TIn, IEnumerable<TOut>> selector) : Operator<TOut>
{
    /// <inheritdoc/>
    public override void Step()
    {
        var before = 0;
        for (var at = 0; at < input.Count; at++)
        {
            try
            {
                Run(ref at, ref before);
            }
            catch (Exception e) when (Takes(e))
            {
                Output.Truncate(before);    // a row comes with all that it becomes, or not at all
                Errors!.Add(in input.Rows[at], input.WeightAt(at), e);
            }
        }
    }

    // Where it throws, `at` is the row at hand, and `before` how much there was before it.
    private void Run(ref int at, ref int before)
    {
        var rows = input.Rows;
        for (var i = at; i < rows.Length; i++)
        {
            (at, before) = (i, Output.Count);
            var weight = input.WeightAt(i);
            foreach (var row in selector(rows[i])) Output.Add(row, weight);
        }
    }
}
