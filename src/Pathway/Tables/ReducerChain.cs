using System.Linq.Expressions;
using Pathway.Engine;

namespace Pathway;

/// <summary>Reducers put together into one, by types alone, so that the loop over rows knows nothing of their number.</summary>
/// <param name="Reducer">The reducer.</param>
/// <param name="AccumulatorType">What it keeps: pairs within pairs.</param>
/// <param name="Count">How many it consists of.</param>
internal sealed record ReducerChain(object Reducer, Type AccumulatorType, int Count)
{
    /// <summary>Puts <paramref name="reducers"/> over rows of type <paramref name="row"/> together, the first outermost.</summary>
    public static ReducerChain Of(Type row, IReadOnlyList<LinearReducer> reducers)
    {
        if (reducers.Count == 0) return new ReducerChain(Activator.CreateInstance(typeof(NoReducer<>).MakeGenericType(row))!, typeof(ValueTuple), 0);
        var chain = new ReducerChain(reducers[^1].Reducer, reducers[^1].AccumulatorType, 1);
        for (var i = reducers.Count - 2; i >= 0; i--)
        {
            var (first, accumulator) = reducers[i];
            var both = typeof(Both<,,,,>).MakeGenericType(row, accumulator, first.GetType(), chain.AccumulatorType, chain.Reducer.GetType());
            chain = new ReducerChain(Activator.CreateInstance(both, first, chain.Reducer)!, typeof(ValueTuple<,>).MakeGenericType(accumulator, chain.AccumulatorType), chain.Count + 1);
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
