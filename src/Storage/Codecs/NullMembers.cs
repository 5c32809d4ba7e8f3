using System.Linq.Expressions;

namespace Pathway.Storage;

/// <summary>Whether a value, or a member of it however deep, is null: such a key matches nothing in a join, as in SQL.</summary>
/// <typeparam name="T">The type of the key.</typeparam>
public static class NullMembers<T>
{
    private static readonly Func<T, bool>? IsNull = Compile();

    /// <summary>Whether a value of the type, or a member of it, can be null at all.</summary>
    public static bool CanBe => IsNull is not null;

    /// <summary>Whether <paramref name="value"/> or any member of it is null. Costs nothing where the type has no room for null.</summary>
    public static bool AnyIn(in T value) => IsNull is not null && IsNull(value);

    private static Func<T, bool>? Compile()
    {
        var value = Expression.Parameter(typeof(T), "value");
        return NullIn(value) is { } body ? Expression.Lambda<Func<T, bool>>(body, value).Compile() : null;
    }

    private static Expression? NullIn(Expression value)
    {
        var type = value.Type;
        if (Nullable.GetUnderlyingType(type) is not null) return Either(Expression.Not(Expression.Property(value, "HasValue")), NullIn(Expression.Property(value, "Value")));
        var isNull = type.IsValueType ? null : Expression.ReferenceEqual(value, Expression.Constant(null, type));
        if (MemberCodecs.IsSimple(type) || ListType.ElementOf(type) is not null) return isNull;
        return RowShape.Of(type).Members.Aggregate((Expression?)isNull, (found, member) => Either(found, NullIn(Expression.MakeMemberAccess(value, member.Accessor))));
    }

    private static Expression? Either(Expression? first, Expression? second) => first is null ? second : second is null ? first : Expression.OrElse(first, second);
}
