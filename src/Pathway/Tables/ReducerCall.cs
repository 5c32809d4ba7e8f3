using System.Linq.Expressions;
using Pathway.Core;
using Pathway.Engine;

namespace Pathway;

/// <summary>A reducer that was found in the expression of a group's row.</summary>
/// <param name="Node">Where it stands.</param>
/// <param name="Value">What it sums up of an element.</param>
internal sealed record ReducerCall(MethodCallExpression Node, LambdaExpression Value)
{
    /// <summary>The type of its accumulator.</summary>
    public Type AccumulatorType => Value.ReturnType == typeof(decimal) ? typeof(decimal) : typeof(long);

    /// <summary>All reducers over <paramref name="group"/> but the count, which every group has.</summary>
    public static IReadOnlyList<ReducerCall> FindIn(Expression body, ParameterExpression group)
    {
        var finder = new Finder(group);
        finder.Visit(body);
        return finder.Found;
    }

    /// <summary>Makes the reducer, over whole rows: <paramref name="element"/> comes first where it isn't null.</summary>
    public object Make<TRow, TElement>(Func<TRow, TElement>? element)
    {
        var row = Expression.Parameter(typeof(TRow), "row");
        var over = element is null ? (Expression)row : Expression.Invoke(Expression.Constant(element), row);
        var lambda = Expression.Lambda(new Replace(Value.Parameters[0], over).Visit(Value.Body), row).Compile();
        var reducer = Value.ReturnType == typeof(decimal) ? typeof(SumDecimal<>) : Value.ReturnType == typeof(int) ? typeof(SumInt32<>) : typeof(SumInt64<>);
        return Activator.CreateInstance(reducer.MakeGenericType(typeof(TRow)), lambda)!;
    }

    /// <summary>The reducer's result, from its accumulator.</summary>
    public Expression ResultFrom(Expression accumulator) =>
        Value.ReturnType == typeof(int) ? Expression.ConvertChecked(accumulator, typeof(int))
        : Value.ReturnType == typeof(decimal) ? Expression.Call(typeof(ReducerCall), nameof(WithoutTrailingZeros), null, accumulator)
        : accumulator;

    /// <summary>One form for equal numbers: which scale a sum has would depend on what came and went before.</summary>
    internal static decimal WithoutTrailingZeros(decimal value) => value / 1.000000000000000000000000000000000m;

    private sealed class Finder(ParameterExpression group) : ExpressionVisitor
    {
        public List<ReducerCall> Found { get; } = [];

        protected override Expression VisitMethodCall(MethodCallExpression node)
        {
            if (node.Object != group || node.Method.DeclaringType != group.Type || node.Method.Name == nameof(Group<int, int>.Count)) return base.VisitMethodCall(node);
            if (node.Arguments is not [LambdaExpression value])
                throw new ConfigurationException($"The reducer {node.Method.Name} needs a lambda in its place, as in g.{node.Method.Name}(o => o.Amount); it has '{node.Arguments[0]}'.");
            Found.Add(new ReducerCall(node, value));
            return node;
        }
    }

    private sealed class Replace(ParameterExpression parameter, Expression with) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? with : node;
    }
}
