using System.Linq.Expressions;
using Pathway.Engine;

namespace Pathway;

/// <summary>A reducer with an accumulator of its own.</summary>
/// <param name="Reducer">A struct, <see cref="IReducer{TRow, TAccumulator}"/>.</param>
/// <param name="AccumulatorType">What it keeps.</param>
internal sealed record LinearReducer(object Reducer, Type AccumulatorType);

/// <summary>What a call becomes: reducers with accumulators, and its result from those and from the count of rows.</summary>
internal sealed record LinearCall(IReadOnlyList<LinearReducer> Reducers, Func<IReadOnlyList<Expression>, Expression, Expression> Result);

/// <summary>Turns calls of counts, sums, averages and the like into reducers with accumulators.</summary>
internal static class LinearReducers
{
    /// <summary>What <paramref name="call"/> becomes; null if it needs to see values again. Over rows that only ever come, extremes don't.</summary>
    public static LinearCall? Of<TRow, TElement>(ReducerCall call, Func<TRow, TElement>? element, bool onlyGrows)
    {
        if (onlyGrows && Extreme(call, element) is { } extreme) return extreme;
        switch (call.Name)
        {
            case nameof(Group<,>.Count):
                var predicate = call.OverRow(0, element);
                return new LinearCall([Sum(typeof(TRow), Expression.Lambda(Expression.Condition(predicate.Body, Expression.Constant(1), Expression.Constant(0)), predicate.Parameters))], static (values, _) => values[0]);
            case nameof(Group<,>.Sum):
                return new LinearCall([Sum(typeof(TRow), ZeroForNull(call.OverRow(0, element)))], (values, _) => SumFrom(values[0], call.ResultType));
            case nameof(Group<,>.SumFast):
                return new LinearCall([Make(typeof(SumFast<>), [typeof(TRow)], typeof(double), call.OverRow(0, element).Compile())], static (values, _) => values[0]);
            case nameof(Group<,>.Average):
                return Average(typeof(TRow), call.OverRow(0, element), call.ResultType);
            case nameof(Group<,>.Earliest):
                return Arrival(typeof(Earliest<,>), call.OverRow(0, element));
            case nameof(Group<,>.Latest):
                return Arrival(typeof(Latest<,>), call.OverRow(0, element));
            case nameof(Group<,>.Fold):
                return Fold(call, element);
            case nameof(Group<,>.Reduce):
                return Own(call, element);
            default:
                return null;
        }
    }

    private static LinearCall? Extreme<TRow, TElement>(ReducerCall call, Func<TRow, TElement>? element)
    {
        LambdaExpression By() => OrderedReducers.Pair(call.OverRow(0, element), call.Whole(element));
        return call.Name switch
        {
            nameof(Group<,>.Min) or nameof(Group<,>.AnyValue) => Of(typeof(Least<,>), call.OverRow(0, element), skipNulls: true, value => value),
            nameof(Group<,>.Max) => Of(typeof(Greatest<,>), call.OverRow(0, element), skipNulls: true, value => value),
            nameof(Group<,>.MinBy) => Of(typeof(Least<,>), By(), skipNulls: false, pair => Expression.Field(pair, "Item2")),
            nameof(Group<,>.MaxBy) => Of(typeof(Greatest<,>), By(), skipNulls: false, pair => Expression.Field(pair, "Item2")),
            _ => null,
        };

        static LinearCall Of(Type reducer, LambdaExpression value, bool skipNulls, Func<Expression, Expression> result)
        {
            var order = typeof(Storage.RowOrder).GetMethod(nameof(Storage.RowOrder.Of), 1, [])!.MakeGenericMethod(value.ReturnType).Invoke(null, null)!;
            return new LinearCall(
                [Make(reducer, [value.Parameters[0].Type, value.ReturnType], typeof(ValueTuple<,>).MakeGenericType(typeof(bool), value.ReturnType), value.Compile(), skipNulls, order)],
                (values, _) => result(Expression.Field(values[0], "Item2")));
        }
    }

    private static LinearReducer Sum(Type row, LambdaExpression value) => Type.GetTypeCode(value.ReturnType) switch
    {
        TypeCode.Int32 => Make(typeof(SumInt32<>), [row], typeof(long), value.Compile()),
        TypeCode.Int64 => Make(typeof(SumInt64<>), [row], typeof(WideSum), value.Compile()),
        TypeCode.Decimal => Make(typeof(SumDecimal<>), [row], typeof(decimal), value.Compile()),
        _ => Make(typeof(SumExact<>), [row], typeof(ExactSum), value.Compile()),
    };

    private static Expression SumFrom(Expression accumulator, Type type) =>
        type == typeof(int) ? Expression.ConvertChecked(accumulator, typeof(int))
        : type == typeof(decimal) ? Expression.Call(typeof(LinearReducers), nameof(WithoutTrailingZeros), null, accumulator)
        : Expression.Property(accumulator, "Value");

    private static LinearCall Average(Type row, LambdaExpression value, Type result)
    {
        var sum = Sum(row, ZeroForNull(value));
        if (Nullable.GetUnderlyingType(value.ReturnType) is null) return new LinearCall([sum], (values, rows) => Ratio(values[0], rows, result));
        var isThere = Expression.Lambda(Expression.Condition(Expression.Property(value.Body, "HasValue"), Expression.Constant(1), Expression.Constant(0)), value.Parameters);
        return new LinearCall([sum, Sum(row, isThere)], (values, _) => Expression.Condition(
            Expression.Equal(values[1], Expression.Constant(0L)), Expression.Constant(null, result), Expression.Convert(Ratio(values[0], values[1], Nullable.GetUnderlyingType(result)!), result)));
    }

    private static MethodCallExpression Ratio(Expression sum, Expression count, Type result)
    {
        if (sum.Type == typeof(decimal)) return Expression.Call(typeof(LinearReducers), nameof(WithoutTrailingZeros), null, Expression.Divide(sum, Expression.Convert(count, typeof(decimal))));
        Expression total = sum.Type == typeof(ExactSum) ? Expression.Property(sum, "Value") : Expression.Convert(sum.Type == typeof(WideSum) ? Expression.Property(sum, "Exact") : sum, result);
        return Expression.Call(typeof(LinearReducers), nameof(Quotient), null, total, count);
    }

    internal static double Quotient(double sum, long count) => sum / count;

    /// <summary>One form for equal numbers: which scale a sum has would depend on what came and went before.</summary>
    internal static decimal WithoutTrailingZeros(decimal value) => value / 1.000000000000000000000000000000000m;

    private static LinearCall Arrival(Type reducer, LambdaExpression value) => new(
        [Make(reducer, [value.Parameters[0].Type, value.ReturnType], typeof(ValueTuple<,>).MakeGenericType(typeof(bool), value.ReturnType), value.Compile())],
        static (values, _) => Expression.Field(values[0], "Item2"));

    private static LinearCall Fold<TRow, TElement>(ReducerCall call, Func<TRow, TElement>? element)
    {
        if (call.Node.Arguments[1] is not LambdaExpression add) throw new Core.ConfigurationException($"The reducer Fold needs a lambda in its place; it has '{call.Node.Arguments[1]}'.");
        var row = Expression.Parameter(typeof(TRow), "row");
        var over = Expression.Lambda(Expression.Invoke(add, add.Parameters[0], ReducerCall.ElementOf(row, element)), add.Parameters[0], row);
        return new LinearCall(
            [Make(typeof(Fold<,>), [typeof(TRow), call.ResultType], typeof(ValueTuple<,>).MakeGenericType(typeof(bool), call.ResultType), call.ValueOf(0)!, over.Compile())],
            static (values, _) => Expression.Field(values[0], "Item2"));
    }

    private static LinearCall Own<TRow, TElement>(ReducerCall call, Func<TRow, TElement>? element)
    {
        var reducer = call.ValueOf(0)!;
        var type = reducer.GetType();
        if (!type.IsValueType) throw new Core.ConfigurationException($"The reducer {type.Name} has to be a struct, so that the loop over rows can take it in.");
        var accumulator = call.Node.Method.GetGenericArguments()[0];
        var contract = typeof(IReducer<,,>).MakeGenericType(typeof(TElement), accumulator, call.ResultType);
        Expression Result(IReadOnlyList<Expression> values, Expression rows) => Expression.Call(Expression.Constant(reducer, contract), contract.GetMethod("Result")!, values[0]);
        if (element is null) return new LinearCall([new LinearReducer(reducer, accumulator)], Result);
        return new LinearCall([Make(typeof(OfElement<,,,>), [typeof(TRow), typeof(TElement), accumulator, type], accumulator, element, reducer)], Result);
    }

    private static LambdaExpression ZeroForNull(LambdaExpression value) => Nullable.GetUnderlyingType(value.ReturnType) is not { } type
        ? value
        : Expression.Lambda(Expression.Coalesce(value.Body, Expression.Default(type)), value.Parameters);

    private static LinearReducer Make(Type generic, Type[] types, Type accumulator, params object[] arguments) =>
        new(Activator.CreateInstance(generic.MakeGenericType(types), arguments)!, accumulator);
}
