using System.Linq.Expressions;
using System.Reflection;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway;

/// <summary>Values that are kept for reducers of a grouping, described.</summary>
/// <param name="Text">What they are, for the plan; equal texts share a state.</param>
/// <param name="ValueType">Their type.</param>
internal abstract record KeptValues<TRow, TKey>(string Text, Type ValueType)
    where TKey : notnull
{
    /// <summary>Makes them in a worker.</summary>
    public abstract GroupValues<TRow, TKey> Create(OperatorContext context, string state);
}

/// <summary>A call of a reducer that needs to see values again.</summary>
/// <param name="Values">What it looks at.</param>
/// <param name="Create">Makes the reducer over those values.</param>
internal sealed record OrderedCall<TRow, TKey>(KeptValues<TRow, TKey> Values, Func<GroupValues<TRow, TKey>, GroupReducer<TKey>> Create)
    where TKey : notnull;

/// <summary>Turns calls of minima, lists, percentiles and the like into reducers over kept values.</summary>
internal static class OrderedReducers
{
    private static readonly MethodInfo MakeMethod = typeof(OrderedReducers).GetMethod(nameof(Make), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>What <paramref name="call"/> becomes.</summary>
    public static OrderedCall<TRow, TKey> Of<TRow, TKey, TElement>(ReducerCall call, Func<TRow, TElement>? element)
        where TKey : notnull
    {
        LambdaExpression Value(int index) => call.OverRow(index, element);
        LambdaExpression Whole() => call.Whole(element);

        OrderedCall<TRow, TKey> Over(LambdaExpression value, string result, bool skipNulls = false, params object[] settings) =>
            (OrderedCall<TRow, TKey>)MakeMethod.MakeGenericMethod(typeof(TRow), typeof(TKey), value.ReturnType, call.ResultType).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [value, result, skipNulls, settings], null)!;

        return call.Name switch
        {
            nameof(Group<,>.Min) => Over(Value(0), nameof(OrderedResults.First), skipNulls: true),
            nameof(Group<,>.Max) => Over(Value(0), nameof(OrderedResults.Last), skipNulls: true),
            nameof(Group<,>.MinBy) => Over(Pair(Value(0), Whole()), nameof(OrderedResults.SecondOfFirst)),
            nameof(Group<,>.MaxBy) => Over(Pair(Value(0), Whole()), nameof(OrderedResults.SecondOfLast)),
            nameof(Group<,>.AnyValue) => Over(Value(0), nameof(OrderedResults.First), skipNulls: true),
            nameof(Group<,>.Unique) => Over(Value(0), nameof(OrderedResults.Unique)),
            nameof(Group<,>.ToSortedList) => Over(Value(0), nameof(OrderedResults.List)),
            nameof(Group<,>.ToList) => Over(Pair(Value(0), Value(1)), nameof(OrderedResults.ListOfSecond)),
            nameof(Group<,>.CountDistinct) when call.Node.Arguments.Count == 2 => Over(NullUnless(Value(1), Value(0)), nameof(OrderedResults.CountDistinct), skipNulls: true),
            nameof(Group<,>.CountDistinct) => Over(Value(0), nameof(OrderedResults.CountDistinct)),
            nameof(Group<,>.CountDistinctApproximate) => Over(Register(Value(0), Precision(call)), nameof(OrderedResults.CountDistinctApproximate), false, Precision(call)),
            nameof(Group<,>.Top) => Over(Pair(Value(1), Whole()), nameof(OrderedResults.Top), false, call.ValueOf(0)!),
            nameof(Group<,>.Percentile) => Over(Value(0), nameof(OrderedResults.Percentile), true, call.ValueOf(1)!),
            nameof(Group<,>.Compute) => Over(Whole(), nameof(Compute), false, call.ValueOf(0)!),
            _ => throw new ConfigurationException($"{call.Name} is no reducer over a group."),
        };
    }

    private static OrderedCall<TRow, TKey> Make<TRow, TKey, TValue, TResult>(LambdaExpression value, string result, bool skipNulls, object[] settings)
        where TKey : notnull
    {
        var text = $"{value.Body}{(skipNulls ? " unless null" : "")}";
        if (Captures.Any(value)) text += $" #{Guid.NewGuid()}";    // equal texts may mean different captured objects
        var kept = new Kept<TRow, TKey, TValue>(text, (Func<TRow, TValue>)value.Compile(), skipNulls);
        var reduce = ResultOf<TValue, TResult>(result, settings);
        return new OrderedCall<TRow, TKey>(kept, values => new GroupReducer<TKey, TValue, TResult>(((GroupValues<TRow, TKey, TValue>)values).State, reduce));
    }

    private static Func<SortedRows<TValue>, TResult> ResultOf<TValue, TResult>(string result, object[] settings)
    {
        if (result == nameof(Compute)) return (Func<SortedRows<TValue>, TResult>)(object)Compute<TValue, TResult>((Func<IEnumerable<TValue>, TResult>)settings[0]);
        var method = typeof(OrderedResults).GetMethod(result)!;
        if (method.IsGenericMethod) method = method.MakeGenericMethod(method.GetGenericArguments().Length == 1 ? [typeof(TValue)] : typeof(TValue).GetGenericArguments());
        var values = Expression.Parameter(typeof(SortedRows<TValue>), "values");
        return Expression.Lambda<Func<SortedRows<TValue>, TResult>>(Expression.Call(method, [values, .. settings.Select(Expression.Constant)]), values).Compile();
    }

    private static Func<SortedRows<TValue>, TResult> Compute<TValue, TResult>(Func<IEnumerable<TValue>, TResult> compute) => values => compute(OrderedResults.All(values));

    /// <summary>Two values of a row as a pair.</summary>
    internal static LambdaExpression Pair(LambdaExpression by, LambdaExpression value)
    {
        var type = typeof(ValueTuple<,>).MakeGenericType(by.ReturnType, value.ReturnType);
        var body = new Rename(value.Parameters[0], by.Parameters[0]).Visit(value.Body);
        return Expression.Lambda(Expression.New(type.GetConstructor([by.ReturnType, value.ReturnType])!, by.Body, body), by.Parameters);
    }

    /// <summary>A value where a predicate over the row is true, else null.</summary>
    private static LambdaExpression NullUnless(LambdaExpression predicate, LambdaExpression value)
    {
        var type = value.ReturnType.IsValueType && Nullable.GetUnderlyingType(value.ReturnType) is null ? typeof(Nullable<>).MakeGenericType(value.ReturnType) : value.ReturnType;
        var condition = new Rename(predicate.Parameters[0], value.Parameters[0]).Visit(predicate.Body);
        return Expression.Lambda(Expression.Condition(condition, Expression.Convert(value.Body, type), Expression.Constant(null, type)), value.Parameters);
    }

    private static LambdaExpression Register(LambdaExpression value, int precision) =>
        Expression.Lambda(Expression.Call(typeof(OrderedResults), nameof(OrderedResults.RegisterOf), [value.ReturnType], value.Body, Expression.Constant(precision)), value.Parameters);

    private static int Precision(ReducerCall call) => (int)call.ValueOf(1)! is var precision && precision is >= 4 and <= 18
        ? precision
        : throw new ConfigurationException($"CountDistinctApproximate has the precision {precision}; 4 to 18 are possible.");

    private sealed record Kept<TRow, TKey, TValue>(string Text, Func<TRow, TValue> Value, bool SkipNulls) : KeptValues<TRow, TKey>(Text, typeof(TValue))
        where TKey : notnull
    {
        public override GroupValues<TRow, TKey> Create(OperatorContext context, string state) =>
            new GroupValues<TRow, TKey, TValue>(Value, SkipNulls && default(TValue) is null, context.States.Ordered<TKey, TValue>(context.IdOf(state)));
    }

    private sealed class Rename(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }

    /// <summary>Whether an expression holds objects from outside of it.</summary>
    private sealed class Captures : ExpressionVisitor
    {
        private bool _found;

        public static bool Any(Expression expression)
        {
            var captures = new Captures();
            captures.Visit(expression);
            return captures._found;
        }

        protected override Expression VisitConstant(ConstantExpression node)
        {
            _found |= node.Value is not null && !(node.Type.IsPrimitive || node.Type.IsEnum || node.Type == typeof(string) || node.Type == typeof(decimal));
            return node;
        }
    }
}
