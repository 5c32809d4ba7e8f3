using System.Linq.Expressions;
using Pathway.Engine;

namespace Pathway;

/// <summary>Reducers put together into one, by types alone, so that the loop over rows knows nothing of their number.</summary>
/// <param name="Reducer">The reducer.</param>
/// <param name="AccumulatorType">What it keeps: pairs within pairs.</param>
/// <param name="Count">How many it consists of.</param>
internal sealed record ReducerChain(object Reducer, Type AccumulatorType, int Count)
{
    /// <summary>Puts <paramref name="calls"/> together, the first outermost.</summary>
    public static ReducerChain Of<TRow, TElement>(IReadOnlyList<ReducerCall> calls, Func<TRow, TElement>? element)
    {
        if (calls.Count == 0) return new ReducerChain(default(NoReducer<TRow>), typeof(ValueTuple), 0);
        var chain = new ReducerChain(calls[^1].Make(element), calls[^1].AccumulatorType, 1);
        for (var i = calls.Count - 2; i >= 0; i--)
        {
            var first = calls[i].Make(element);
            var both = typeof(Both<,,,,>).MakeGenericType(typeof(TRow), calls[i].AccumulatorType, first.GetType(), chain.AccumulatorType, chain.Reducer.GetType());
            chain = new ReducerChain(
                Activator.CreateInstance(both, first, chain.Reducer)!, typeof(ValueTuple<,>).MakeGenericType(calls[i].AccumulatorType, chain.AccumulatorType), chain.Count + 1);
        }

        return chain;
    }

    /// <summary>The accumulator of reducer <paramref name="index"/> inside of <paramref name="values"/>.</summary>
    public Expression Access(Expression values, int index)
    {
        for (var i = 0; i < index; i++) values = Expression.Field(values, "Item2");
        return index == Count - 1 ? values : Expression.Field(values, "Item1");
    }
}
