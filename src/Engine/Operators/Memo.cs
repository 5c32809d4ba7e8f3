using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Each row becomes what a function made of it when it came first: a row that goes takes back just that, also if the function would say something else now.</summary>
/// <remarks>State: for each row that is there how often it is, and what was made of it.</remarks>
public sealed class Memo<TRow, TOut>(Batch<TRow> input, Func<TRow, TOut> compute, KeyedState<TRow, (long Count, Attempt<TOut> Made)> state) : Operator<TOut>
    where TRow : notnull
{
    private readonly Consolidation<TRow> _consolidation = new();

    /// <inheritdoc/>
    public override IEnumerable<Delta<TOut>> Contents()
    {
        foreach (var (_, memo) in state.Stored())
            if (memo.Made.Succeeded) yield return new(memo.Made.Value!, memo.Count);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        foreach (ref readonly var change in _consolidation.Of(input))
        {
            if (change.Weight == 0) continue;
            var row = change.Row;
            ref var memo = ref state.GetOrAdd(in row, out var existed);
            if (!existed) memo.Made = Errors is null ? new(true, compute(row), null) : Attempt.Of(row, compute);
            if (memo.Made.Succeeded) Output.Add(memo.Made.Value!, change.Weight);
            else Errors?.Add(StepErrors.TextOf(in row), change.Weight, memo.Made.Error!);
            memo.Count += change.Weight;
            if (memo.Count == 0) state.Remove(in row);
        }
    }
}
