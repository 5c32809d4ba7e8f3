using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>One member of a row type.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Accessor">The property or field that holds it.</param>
internal sealed record RowMember(string Name, Type Type, MemberInfo Accessor);

/// <summary>The members of a composite type in their order, and how to make one of them.</summary>
/// <remarks>
/// Members stand for the instance fields: what a record compares is its fields, so a field that no member shows couldn't be stored and is refused.
/// The order is that of the constructor's parameters, then that of the declarations.
/// </remarks>
internal sealed class RowShape
{
    private static readonly ConcurrentDictionary<Type, RowShape> Shapes = new();

    private readonly ConstructorInfo? _constructor;
    private readonly int _parameters;

    private RowShape(Type type, IReadOnlyList<RowMember> members, ConstructorInfo? constructor, int parameters) =>
        (Type, Members, _constructor, _parameters) = (type, members, constructor, parameters);

    /// <summary>The composite type.</summary>
    public Type Type { get; }

    /// <summary>Its members, in order.</summary>
    public IReadOnlyList<RowMember> Members { get; }

    /// <summary>The shape of <paramref name="type"/>.</summary>
    /// <exception cref="ConfigurationException">The type has no structural equality, or can't be made from its members.</exception>
    public static RowShape Of(Type type) => Shapes.GetOrAdd(type, Read);

    /// <summary>An expression that makes the type from <paramref name="values"/>, evaluated in the order of the members.</summary>
    public Expression Construct(IReadOnlyList<Expression> values)
    {
        var made = _constructor is null ? Expression.New(Type) : Expression.New(_constructor, values.Take(_parameters));
        if (_parameters == Members.Count) return made;
        return Expression.MemberInit(made, Members.Skip(_parameters).Select((member, i) => Expression.Bind(member.Accessor, values[_parameters + i])));
    }

    /// <summary>The names that a member had before, as it says (<see cref="FormerlyAttribute"/>).</summary>
    public IEnumerable<string> FormerNamesOf(RowMember member) =>
        member.Accessor.GetCustomAttributes<FormerlyAttribute>().Concat(ParameterOf(member)?.GetCustomAttributes<FormerlyAttribute>() ?? []).Select(f => f.Name);

    /// <summary>The value that a member has where nothing is said, if its type says one: by the constructor's parameter or by <see cref="DefaultValueAttribute"/>.</summary>
    public bool TryDefaultOf(RowMember member, out object? value)
    {
        var (parameter, attribute) = (ParameterOf(member), member.Accessor.GetCustomAttribute<DefaultValueAttribute>());
        value = parameter is { HasDefaultValue: true } ? parameter.DefaultValue : attribute?.Value;
        // Of a nullable enum the compiler keeps the number alone.
        if (value is not null && (Nullable.GetUnderlyingType(member.Type) ?? member.Type) is { IsEnum: true } type) value = Enum.ToObject(type, value);
        return parameter is { HasDefaultValue: true } || attribute is not null;
    }

    private ParameterInfo? ParameterOf(RowMember member) => _constructor?.GetParameters().FirstOrDefault(p => string.Equals(p.Name, member.Name, StringComparison.OrdinalIgnoreCase));

    private static RowShape Read(Type type)
    {
        RequireStructuralEquality(type);
        var found = Fields(type).Select(field => MemberOf(type, field)).ToList();
        var (constructor, parameters) = ChooseConstructor(type, found);
        var members = parameters.Concat(found.Where(m => !parameters.Contains(m))).ToList();
        foreach (var member in members.Skip(parameters.Count))
            if (!CanSet(member.Accessor)) throw Refused(type, $"its member '{member.Name}' can be set neither by a constructor nor by itself", "Make it a parameter of the record, or give it an init accessor.");
        if (constructor is null && !type.IsValueType) throw Refused(type, "none of its constructors takes its members by their names", "Write it as a positional record.");
        return new RowShape(type, members, constructor, parameters.Count);
    }

    private static void RequireStructuralEquality(Type type)
    {
        const string UseRecord = "Write it as a record (or a readonly record struct).";
        if (type.IsArray) throw Refused(type, "an array has no structural equality", "Use a ValueList, a row for each element, or a string.");
        if (type.IsPointer || type.IsByRefLike || typeof(Delegate).IsAssignableFrom(type)) throw Refused(type, "it is no data", "Leave it out.");
        if (type == typeof(object) || type.IsInterface || type.IsAbstract) throw Refused(type, "it can hold values of any class", "Name the sealed record that it holds.");
        if (type.IsGenericType && type.Namespace == "System.Collections.Immutable") throw Refused(type, "an immutable collection compares by reference", "Use a ValueList, a row for each element, or a string.");
        if (type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type)) throw Refused(type, "a collection has no structural equality", "Use a ValueList, a row for each element, or a string.");
        if (type.IsPrimitive) throw Refused(type, "it is no kind of value that rows hold", "Use one of the numbers, string, Guid, a date or time, an enum, or a record of them.");
        if (type.IsValueType)
        {
            if (!typeof(IEquatable<>).MakeGenericType(type).IsAssignableFrom(type)) throw Refused(type, $"the struct lacks IEquatable<{TypeText.Of(type)}>", UseRecord);
            return;
        }

        var equals = type.GetMethod(nameof(Equals), BindingFlags.Public | BindingFlags.Instance, [typeof(object)])!;
        if (equals.DeclaringType == typeof(object)) throw Refused(type, "the class has no structural equality", UseRecord);
    }

    private static IEnumerable<FieldInfo> Fields(Type type)
    {
        var ancestry = new Stack<Type>();
        for (var t = type; t is not null && t != typeof(object) && t != typeof(ValueType); t = t.BaseType) ancestry.Push(t);
        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        return ancestry.SelectMany(t => t.GetFields(Declared).OrderBy(f => f.MetadataToken));
    }

    private static RowMember MemberOf(Type type, FieldInfo field)
    {
        if (field.IsPublic) return new RowMember(field.Name, field.FieldType, field);
        var name = field.Name;
        var shown = name.StartsWith('<') && name.LastIndexOf('>') is var end and > 1 ? name[1..end]     // <Name>k__BackingField, <Name>i__Field; a name of the compiler has brackets of its own
            : name.StartsWith("m_", StringComparison.Ordinal) && type.FullName!.StartsWith("System.Tuple`", StringComparison.Ordinal) ? name[2..]
            : null;
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var property = shown is null ? null : field.DeclaringType!.GetProperty(shown, Any);
        if (property is null || property.GetMethod is null || property.PropertyType != field.FieldType)
            throw Refused(type, $"its field '{name}' is private and belongs to no property, but takes part in its equality", "Make it a property of the record.");
        return new RowMember(property.Name, property.PropertyType, property);
    }

    private static (ConstructorInfo? Constructor, List<RowMember> Parameters) ChooseConstructor(Type type, List<RowMember> members)
    {
        (ConstructorInfo?, List<RowMember>) best = (null, []);
        foreach (var constructor in type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            var parameters = constructor.GetParameters();
            var matched = parameters.Select(p => members.Find(m => string.Equals(m.Name, p.Name, StringComparison.OrdinalIgnoreCase) && m.Type == p.ParameterType)).OfType<RowMember>().Distinct().ToList();
            if (matched.Count == parameters.Length && (best.Item1 is null || matched.Count > best.Item2.Count)) best = (constructor, matched);
        }

        return best;
    }

    private static bool CanSet(MemberInfo accessor) => accessor is PropertyInfo property ? property.SetMethod is not null : !((FieldInfo)accessor).IsInitOnly;

    private static ConfigurationException Refused(Type type, string reason, string remedy) => new($"The type {TypeText.Of(type)} can't be in a row or key: {reason}. {remedy}");

    /// <summary>Whether <paramref name="type"/> comes from the compiler for <c>new { … }</c>.</summary>
    public static bool IsAnonymous(Type type) => type.IsDefined(typeof(CompilerGeneratedAttribute), false) && type.Name.Contains("AnonymousType", StringComparison.Ordinal);
}
