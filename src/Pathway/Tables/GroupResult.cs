using System.Linq.Expressions;
using System.Reflection;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway;

/// <summary>Takes the expression of a group's row apart: reducers become accumulators in one state, everything around them a projection over their values.</summary>
internal static class GroupResult
{
    private static readonly MethodInfo MakeMethod = typeof(GroupResult).GetMethod(nameof(Make), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Builds the step.</summary>
    public static Table<TKey, TOut> Build<TRow, TKey, TElement, TOut>(Grouping<TRow, TKey, TElement> grouping, Expression<Func<Group<TKey, TElement>, TOut>> result)
        where TKey : notnull
    {
        var group = result.Parameters[0];
        var calls = ReducerCall.FindIn(result.Body, group);
        var chain = ReducerChain.Of<TRow, TElement>(calls, grouping.ElementOf);
        var (key, rows, values) = (Expression.Parameter(typeof(TKey), "key"), Expression.Parameter(typeof(long), "rows"), Expression.Parameter(chain.AccumulatorType, "values"));
        var body = new Projection(group, key, rows, calls.Select((call, i) => (call.Node, call.ResultFrom(chain.Access(values, i)))).ToDictionary()).Visit(result.Body);
        var project = Expression.Lambda(body, key, rows, values).Compile();
        var text = $"by {grouping.Text}: {result}";
        return (Table<TKey, TOut>)MakeMethod.MakeGenericMethod(typeof(TRow), typeof(TKey), typeof(TElement), chain.AccumulatorType, chain.Reducer.GetType(), typeof(TOut))
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [grouping, chain.Reducer, project, text], null)!;
    }

    private static Table<TKey, TOut> Make<TRow, TKey, TElement, TAccumulator, TReducer, TOut>(Grouping<TRow, TKey, TElement> grouping, TReducer reducer, Func<TKey, long, TAccumulator, TOut> project, string text)
        where TKey : notnull
        where TReducer : struct, IReducer<TRow, TAccumulator>
    {
        var input = grouping.Table.Node;
        var types = $"{RowSchema.Of(typeof(TKey))} → {RowSchema.Of(typeof(TOut))} over {RowSchema.Of(typeof((long, TAccumulator)))}";
        var node = new Node<Keyed<TKey, TOut>>("GroupBy", types, text, [""], [input], c => new GroupBy<TRow, TKey, TAccumulator, TReducer, TOut>(
            c.BatchOf(input), grouping.KeyOf, reducer, project, c.States.Keyed<TKey, (long, TAccumulator)>(c.IdOf())));
        return new Table<TKey, TOut>(grouping.Table.Pipeline, node);
    }

    /// <summary>Puts key, count and the reducers' values in the place of what stands for them.</summary>
    private sealed class Projection(ParameterExpression group, ParameterExpression key, ParameterExpression rows, Dictionary<MethodCallExpression, Expression> values) : ExpressionVisitor
    {
        protected override Expression VisitMember(MemberExpression node) =>
            node.Expression == group && node.Member.Name == nameof(Group<int, int>.Key) ? key : base.VisitMember(node);

        protected override Expression VisitMethodCall(MethodCallExpression node)
        {
            if (values.TryGetValue(node, out var value)) return value;
            return node.Object == group && node.Method.Name == nameof(Group<int, int>.Count) ? rows : base.VisitMethodCall(node);
        }

        protected override Expression VisitParameter(ParameterExpression node) => node != group
            ? node
            : throw new ConfigurationException("A group can be asked for its Key, Count() and Sum(…) only; it can't be handed on as a whole. Compute what is needed of it inside of the expression.");
    }
}
