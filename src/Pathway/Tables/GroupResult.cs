using System.Linq.Expressions;
using System.Reflection;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway;

/// <summary>Takes the expression of a group's row apart: reducers become accumulators and kept values, everything around them a projection over their results.</summary>
internal static class GroupResult
{
    private static readonly MethodInfo MakeMethod = typeof(GroupResult).GetMethod(nameof(Make), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo MakeOrderedMethod = typeof(GroupResult).GetMethod(nameof(MakeOrdered), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Builds the step.</summary>
    public static Table<TKey, TOut> Build<TRow, TKey, TElement, TOut>(Grouping<TRow, TKey, TElement> grouping, Expression<Func<Group<TKey, TElement>, TOut>> result)
        where TKey : notnull
    {
        var group = result.Parameters[0];
        var (key, rows) = (Expression.Parameter(typeof(TKey), "key"), Expression.Parameter(typeof(long), "rows"));
        var (linear, ordered) = (new List<(ReducerCall Call, LinearCall Linear)>(), new List<(ReducerCall Call, OrderedCall<TRow, TKey> Ordered)>());
        foreach (var call in ReducerCall.FindIn(result.Body, group))
        {
            if (LinearReducers.Of(call, grouping.ElementOf, grouping.Table.Node.OnlyGrows) is { } reducers) linear.Add((call, reducers));
            else ordered.Add((call, OrderedReducers.Of<TRow, TKey, TElement>(call, grouping.ElementOf)));
        }

        var chain = ReducerChain.Of(typeof(TRow), [.. linear.SelectMany(l => l.Linear.Reducers)]);
        var (values, others) = (Expression.Parameter(chain.AccumulatorType, "values"), Expression.Parameter(typeof(GroupReducer<TKey>[]), "others"));
        var results = new Dictionary<MethodCallExpression, Expression>();
        var at = 0;
        foreach (var (call, reducers) in linear)
        {
            results.Add(call.Node, reducers.Result([.. reducers.Reducers.Select((_, i) => chain.Access(values, at + i))], rows));
            at += reducers.Reducers.Count;
        }

        for (var i = 0; i < ordered.Count; i++)
        {
            var call = ordered[i].Call;
            var reducer = Expression.Convert(Expression.ArrayIndex(others, Expression.Constant(i)), typeof(GroupReducer<,>).MakeGenericType(typeof(TKey), call.ResultType));
            results.Add(call.Node, Expression.Call(reducer, "Of", null, key));
        }

        var notFromTable = linear.Exists(l => l.Call.Name is nameof(Group<,>.Earliest) or nameof(Group<,>.Latest) or nameof(Group<,>.Fold)) ? Arrivals.Order : null;
        var body = new Projection(group, key, rows, results).Visit(result.Body);
        var text = $"by {grouping.Text}: {result}";
        Type[] types = [typeof(TRow), typeof(TKey), typeof(TElement), chain.AccumulatorType, chain.Reducer.GetType(), typeof(TOut)];
        return ordered.Count == 0
            ? (Table<TKey, TOut>)MakeMethod.MakeGenericMethod(types).Invoke(
                null, BindingFlags.DoNotWrapExceptions, null, [grouping, chain.Reducer, Expression.Lambda(body, key, rows, values).Compile(), text, notFromTable], null)!
            : (Table<TKey, TOut>)MakeOrderedMethod.MakeGenericMethod(types).Invoke(
                null, BindingFlags.DoNotWrapExceptions, null, [grouping, chain.Reducer, ordered.Select(o => o.Ordered).ToList(), Expression.Lambda(body, key, rows, values, others).Compile(), text, notFromTable], null)!;
    }

    private static Table<TKey, TOut> Make<TRow, TKey, TElement, TAccumulator, TReducer, TOut>(Grouping<TRow, TKey, TElement> grouping, TReducer reducer, Func<TKey, long, TAccumulator, TOut> project, string text, string? notFromTable)
        where TKey : notnull
        where TReducer : struct, IReducer<TRow, TAccumulator>
    {
        var input = grouping.Table.Node;
        var types = $"{RowSchema.Of(typeof(TKey))} → {RowSchema.Of(typeof(TOut))} over {RowSchema.Of(typeof((long, TAccumulator)))}";
        var node = new Node<Keyed<TKey, TOut>>("GroupBy", types, text, [""], [input], c => new GroupBy<TRow, TKey, TAccumulator, TReducer, TOut>(
            c.BatchBy(input, grouping.KeyOf), grouping.KeyOf, reducer, project, c.States.Keyed<TKey, (long, TAccumulator)>(c.IdOf()))) { StandsByKey = true, TellsContents = true, NotFromTable = notFromTable };
        return new Table<TKey, TOut>(grouping.Table.Pipeline, node);
    }

    private static Table<TKey, TOut> MakeOrdered<TRow, TKey, TElement, TAccumulator, TReducer, TOut>(
        Grouping<TRow, TKey, TElement> grouping, TReducer reducer, List<OrderedCall<TRow, TKey>> calls, Func<TKey, long, TAccumulator, GroupReducer<TKey>[], TOut> project, string text, string? notFromTable)
        where TKey : notnull
        where TReducer : struct, IReducer<TRow, TAccumulator>
    {
        var input = grouping.Table.Node;
        // Reducers over one and the same value share its state.
        var kept = calls.Select(c => c.Values).DistinctBy(v => (v.Text, v.ValueType)).ToList();
        var indexes = calls.Select(c => kept.FindIndex(v => (v.Text, v.ValueType) == (c.Values.Text, c.Values.ValueType))).ToArray();
        string[] states = ["", .. kept.Select((_, i) => $"values{i + 1}")];
        var types = $"{RowSchema.Of(typeof(TKey))} → {RowSchema.Of(typeof(TOut))} over {RowSchema.Of(typeof((long, TAccumulator)))}, {string.Join(", ", kept.Select(v => RowSchema.Of(v.ValueType)))}";
        var node = new Node<Keyed<TKey, TOut>>("GroupBy", types, text, states, [input], c =>
        {
            var values = kept.Select((v, i) => v.Create(c, states[i + 1])).ToArray();
            var reducers = calls.Select((call, i) => call.Create(values[indexes[i]])).ToArray();
            return new GroupByOrdered<TRow, TKey, TAccumulator, TReducer, TOut>(
                c.BatchBy(input, grouping.KeyOf), grouping.KeyOf, reducer, values, reducers, project, c.States.Keyed<TKey, OrderedGroup<TAccumulator, TOut>>(c.IdOf()));
        }) { StandsByKey = true, TellsContents = true, NotFromTable = notFromTable };
        return new Table<TKey, TOut>(grouping.Table.Pipeline, node);
    }

    /// <summary>Puts key, count and the reducers' results in the place of what stands for them.</summary>
    private sealed class Projection(ParameterExpression group, ParameterExpression key, ParameterExpression rows, Dictionary<MethodCallExpression, Expression> values) : ExpressionVisitor
    {
        protected override Expression VisitMember(MemberExpression node) =>
            node.Expression == group && node.Member.Name == nameof(Group<,>.Key) ? key : base.VisitMember(node);

        protected override Expression VisitMethodCall(MethodCallExpression node)
        {
            if (values.TryGetValue(node, out var value)) return value;
            return node.Object == group && node.Method.Name == nameof(Group<,>.Count) ? rows : base.VisitMethodCall(node);
        }

        protected override Expression VisitParameter(ParameterExpression node) => node != group
            ? node
            : throw new ConfigurationException("A group can be asked for its Key and for reducers only, such as Count() and Sum(…); it can't be handed on as a whole. Use g.Compute(rows => …) to compute anything over its rows.");
    }
}
