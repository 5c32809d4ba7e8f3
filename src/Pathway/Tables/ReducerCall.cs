using System.Linq.Expressions;
using Pathway.Core;

namespace Pathway;

/// <summary>A reducer that was found in the expression of a group's row.</summary>
/// <param name="Node">Where it stands.</param>
internal sealed record ReducerCall(MethodCallExpression Node)
{
    /// <summary>Its name.</summary>
    public string Name => Node.Method.Name;

    /// <summary>What it gives.</summary>
    public Type ResultType => Node.Type;

    /// <summary>All reducers over <paramref name="group"/> but the count of all rows, which every group has.</summary>
    public static IReadOnlyList<ReducerCall> FindIn(Expression body, ParameterExpression group)
    {
        var finder = new Finder(group);
        finder.Visit(body);
        return finder.Found;
    }

    /// <summary>Its argument <paramref name="index"/>, a lambda over an element, as one over a whole row: <paramref name="element"/> comes first where it isn't null.</summary>
    public LambdaExpression OverRow<TRow, TElement>(int index, Func<TRow, TElement>? element)
    {
        if (Node.Arguments[index] is not LambdaExpression value)
            throw new ConfigurationException($"The reducer {Name} needs a lambda in its place, as in g.{Name}(o => o.Amount); it has '{Node.Arguments[index]}'.");
        var row = Expression.Parameter(typeof(TRow), "row");
        return Expression.Lambda(new Replace(value.Parameters[0], ElementOf(row, element)).Visit(value.Body), row);
    }

    /// <summary>The whole element, as a lambda over a row.</summary>
    public LambdaExpression Whole<TRow, TElement>(Func<TRow, TElement>? element)
    {
        var row = Expression.Parameter(typeof(TRow), "row");
        return Expression.Lambda(ElementOf(row, element), row);
    }

    /// <summary>The element of <paramref name="row"/>.</summary>
    public static Expression ElementOf<TRow, TElement>(ParameterExpression row, Func<TRow, TElement>? element) => element is null ? row : Expression.Invoke(Expression.Constant(element), row);

    /// <summary>The value of its argument <paramref name="index"/>, which doesn't depend on rows.</summary>
    public object? ValueOf(int index) => Expression.Lambda(Node.Arguments[index]).Compile().DynamicInvoke();

    private sealed class Finder(ParameterExpression group) : ExpressionVisitor
    {
        public List<ReducerCall> Found { get; } = [];

        protected override Expression VisitMethodCall(MethodCallExpression node)
        {
            if (node.Object != group || node.Method.DeclaringType != group.Type || node is { Method.Name: nameof(Group<,>.Count), Arguments.Count: 0 }) return base.VisitMethodCall(node);
            var uses = new Uses(group);
            foreach (var argument in node.Arguments) uses.Visit(argument);
            if (uses.Found)
                throw new ConfigurationException($"The reducer {node} looks at the group inside of its own lambda, where there is only one row. Take that out of the reducer, as in g.Sum(o => o.Amount) * g.Count(), or do it in two steps.");
            Found.Add(new ReducerCall(node));
            return node;
        }
    }

    private sealed class Uses(ParameterExpression parameter) : ExpressionVisitor
    {
        public bool Found { get; private set; }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            Found |= node == parameter;
            return node;
        }
    }

    private sealed class Replace(ParameterExpression parameter, Expression with) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? with : node;
    }
}
