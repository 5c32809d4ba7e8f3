using Pathway.Core;

namespace Pathway.Engine;

/// <summary>Stands for an operator while others are rebuilt: gives, slice by slice, the rows that it has given out so far.</summary>
public abstract class Feeder : Operator
{
    /// <summary>Rows given in one step.</summary>
    public const int RowsOfSlice = 4096;

    /// <summary>Whether all was given.</summary>
    public bool IsDone { get; protected set; }
}

/// <inheritdoc/>
internal sealed class Feeder<TOut>(Operator<TOut> of, IEnumerator<Delta<TOut>> rows) : Feeder
{
    /// <inheritdoc/>
    public override void Step()
    {
        for (var i = 0; i < RowsOfSlice && !IsDone; i++)
        {
            if (rows.MoveNext()) of.Output.Add(rows.Current.Row, rows.Current.Weight);
            else IsDone = true;
        }

        if (IsDone) rows.Dispose();
    }

    /// <inheritdoc/>
    public override void Clear() => of.Clear();
}

/// <summary>Stands for an operator that has nothing to do while others are rebuilt.</summary>
internal sealed class Idle : Operator
{
    /// <inheritdoc/>
    public override void Step()
    {
        // Its rows are there already.
    }

    /// <inheritdoc/>
    public override void Clear()
    {
        // It gave none.
    }
}

/// <summary>Stands for an operator that gives again what it gave before.</summary>
internal sealed class Again(Operator of) : Operator
{
    /// <inheritdoc/>
    public override void Step() => of.StepAgain();

    /// <inheritdoc/>
    public override void Clear() => of.Clear();
}
