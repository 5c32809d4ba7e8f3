using System.Collections.Concurrent;
using System.Linq.Expressions;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Codecs of one kind by type: those that are known, and those that are put together from them, of nullable types, enums, lists, and types with members.</summary>
/// <param name="simple">The known ones.</param>
/// <param name="nullable">Generic over what may be null, made with its codec.</param>
/// <param name="enumeration">Generic over an enum and its number, made with the number's codec.</param>
/// <param name="list">Generic over an element, made with its codec.</param>
/// <param name="composite">Makes the codec of a type with members from theirs.</param>
/// <param name="place">Where values of the type go, for errors: "can't be …".</param>
internal sealed class DerivedCodecs(IReadOnlyDictionary<Type, object> simple, Type nullable, Type enumeration, Type list, Func<RowShape, IReadOnlyList<object>, object> composite, string place)
{
    private readonly ConcurrentDictionary<Type, object> _codecs = new(simple);

    /// <summary>The codec of <paramref name="type"/>.</summary>
    /// <exception cref="ConfigurationException">There can't be one; with the way to the member that is at fault.</exception>
    public object For(Type type) => For(type, []);

    /// <summary>A codec, or a part of one, of a generic type.</summary>
    public static object Make(Type generic, Type[] arguments, params object[] parameters) => Activator.CreateInstance(generic.MakeGenericType(arguments), parameters)!;

    /// <summary>Calls that write all members of a value.</summary>
    public static Expression Each(IEnumerable<Expression> writes) => Expression.Block(typeof(void), writes.Append(Expression.Empty()));

    private object For(Type type, List<Type> within)
    {
        if (_codecs.TryGetValue(type, out var known)) return known;
        if (within.Contains(type)) throw new ConfigurationException($"The type {TypeText.Of(type)} can't be {place}: it contains itself.");
        within.Add(type);
        object codec;
        if (Nullable.GetUnderlyingType(type) is { } underlying) codec = Make(nullable, [underlying], For(underlying, within));
        else if (type.IsEnum) codec = Make(enumeration, [type, Enum.GetUnderlyingType(type)], For(Enum.GetUnderlyingType(type), within));
        else if (ListType.ElementOf(type) is { } element) codec = Make(list, [element], For(element, within));
        else codec = OfMembers(RowShape.Of(type), within);
        within.RemoveAt(within.Count - 1);
        return _codecs.GetOrAdd(type, codec);
    }

    private object OfMembers(RowShape shape, List<Type> within) => composite(shape, [.. shape.Members.Select(member =>
    {
        try
        {
            return For(member.Type, within);
        }
        catch (ConfigurationException e)
        {
            throw new ConfigurationException($"{TypeText.Of(shape.Type)}.{member.Name}: {e.Message}");
        }
    })]);
}
