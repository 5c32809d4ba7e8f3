namespace Pathway.Engine;

/// <summary>Each row becomes what <c>selector</c> makes of it.</summary>
public sealed class Select<TIn, TOut>(Batch<TIn> input, Func<TIn, TOut> selector) : Operator<TOut>
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
        var weights = input.Weights;
        for (var i = at; i < rows.Length; i++)
        {
            at = i;
            if (weights.IsEmpty) Output.Add(selector(rows[i]));
            else Output.Add(selector(rows[i]), weights[i]);
        }
    }
}
