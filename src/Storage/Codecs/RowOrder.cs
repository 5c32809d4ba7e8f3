using System.Collections.Concurrent;
using System.Linq.Expressions;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>A total order of rows, member by member, that agrees with their equality: that of their key bytes (<see cref="KeyCodec{T}"/>). Null comes first, strings are ordered by code point.</summary>
public static class RowOrder
{
    private static readonly ConcurrentDictionary<Type, object> Orders = new(new Dictionary<Type, object> { [typeof(string)] = new TextOrder() });

    /// <summary>The order of a type.</summary>
    /// <exception cref="ConfigurationException">The type can't be in a row.</exception>
    public static IComparer<T> Of<T>() => Cached<T>.Order;

    internal static object Of(Type type) => Orders.GetOrAdd(type, static t =>
        Nullable.GetUnderlyingType(t) is { } underlying ? Activator.CreateInstance(typeof(NullableOrder<>).MakeGenericType(underlying), Of(underlying))!
        : ListType.ElementOf(t) is { } element ? Activator.CreateInstance(typeof(ListOrder<>).MakeGenericType(element), Of(element))!
        : MemberCodecs.IsSimple(t) ? typeof(Comparer<>).MakeGenericType(t).GetProperty("Default")!.GetValue(null)!
        : Composite(RowShape.Of(t)));

    private static object Composite(RowShape shape)
    {
        var (x, y) = (Expression.Parameter(shape.Type, "x"), Expression.Parameter(shape.Type, "y"));
        var (end, found) = (Expression.Label(typeof(int)), Expression.Variable(typeof(int)));
        var steps = new List<Expression>();
        foreach (var member in shape.Members)
        {
            var order = Expression.Constant(Of(member.Type), typeof(IComparer<>).MakeGenericType(member.Type));
            steps.Add(Expression.Assign(found, Expression.Call(order, "Compare", null, Expression.MakeMemberAccess(x, member.Accessor), Expression.MakeMemberAccess(y, member.Accessor))));
            steps.Add(Expression.IfThen(Expression.NotEqual(found, Expression.Constant(0)), Expression.Return(end, found)));
        }

        steps.Add(Expression.Label(end, Expression.Constant(0)));
        var compare = Expression.Lambda(typeof(Comparison<>).MakeGenericType(shape.Type), Expression.Block([found], steps), x, y).Compile();
        return Activator.CreateInstance(typeof(CompositeOrder<>).MakeGenericType(shape.Type), compare)!;
    }

    private static class Cached<T>
    {
        public static readonly IComparer<T> Order = (IComparer<T>)RowOrder.Of(typeof(T));
    }

    private sealed class CompositeOrder<T>(Comparison<T> compare) : IComparer<T>
    {
        public int Compare(T? x, T? y) => x is null || y is null ? (x is null ? 0 : 1) - (y is null ? 0 : 1) : compare(x, y);
    }

    private sealed class NullableOrder<T>(IComparer<T> value) : IComparer<T?>
        where T : struct
    {
        public int Compare(T? x, T? y) => x is { } left && y is { } right ? value.Compare(left, right) : (x.HasValue ? 1 : 0) - (y.HasValue ? 1 : 0);
    }

    private sealed class ListOrder<T>(IComparer<T> element) : IComparer<ValueList<T>>
    {
        public int Compare(ValueList<T>? x, ValueList<T>? y)
        {
            if (x is null || y is null) return (x is null ? 0 : 1) - (y is null ? 0 : 1);
            for (var i = 0; i < x.Count && i < y.Count; i++)
                if (element.Compare(x[i], y[i]) is var found and not 0) return found;
            return x.Count.CompareTo(y.Count);
        }
    }

    private sealed class TextOrder : IComparer<string>
    {
        public int Compare(string? x, string? y)
        {
            if (x is null || y is null) return (x is null ? 0 : 1) - (y is null ? 0 : 1);
            var same = x.AsSpan().CommonPrefixLength(y);
            if (same == x.Length || same == y.Length) return x.Length.CompareTo(y.Length);
            var (left, right) = (x[same], y[same]);
            // Half a character beyond the basic plane stands for a code point above all of it.
            if (char.IsSurrogate(left) != char.IsSurrogate(right)) return char.IsSurrogate(left) ? 1 : -1;
            return left.CompareTo(right);
        }
    }
}
