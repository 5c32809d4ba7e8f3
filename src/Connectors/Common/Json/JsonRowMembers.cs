using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pathway.Connectors;

/// <summary>A member of a row as JSON has it.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Type">Its type.</param>
/// <param name="Accessor">The property or field.</param>
/// <param name="Parameter">The constructor's parameter that it comes by; null if it is set by itself.</param>
/// <param name="CanBeNull">Whether JSON may have null in its place.</param>
internal sealed record JsonRowMember(string Name, Type Type, MemberInfo Accessor, int? Parameter, bool CanBeNull)
{
    /// <summary>Whether it may be absent.</summary>
    public bool CanBeMissing { get; init; }

    /// <summary>What it is then; null for the default of its type.</summary>
    public object? Default { get; init; }
}

/// <summary>What a plain row type is for JSON: what can be read and written by code made for it, without the general serializer.</summary>
/// <remarks>A type with anything of its own (converters, other names for kinds of it, conditions, callbacks) isn't plain.</remarks>
internal static class JsonRowMembers
{
    /// <summary>What is read, with the constructor; null where the general serializer has to read.</summary>
    public static (ConstructorInfo? Constructor, IReadOnlyList<JsonRowMember> Members)? Read(Type row)
    {
        if (PlainTypeOf(row) is not { } type) return null;
        var constructor = type.ConstructorAttributeProvider as ConstructorInfo;
        if (constructor is null && !row.IsValueType) return null;
        var members = new List<JsonRowMember>();
        foreach (var property in type.Properties)
        {
            var parameter = property.AssociatedParameter;
            if (parameter is null && property.Set is null) continue; // computed
            if (property.AttributeProvider is not MemberInfo accessor || parameter is { IsMemberInitializer: true }) return null;
            members.Add(new JsonRowMember(property.Name, property.PropertyType, accessor, parameter?.Position, parameter?.IsNullable ?? property.IsSetNullable)
            {
                CanBeMissing = !property.IsRequired && parameter is null or { HasDefaultValue: true }, Default = parameter is { HasDefaultValue: true } ? parameter.DefaultValue : null,
            });
        }

        // A parameter that no property shows can't be told by its name here.
        return members.Count(m => m.Parameter is not null) == (constructor?.GetParameters().Length ?? 0) ? (constructor, members) : null;
    }

    /// <summary>What is written, in order; null where the general serializer has to write.</summary>
    public static IReadOnlyList<JsonRowMember>? Written(Type row)
    {
        if (PlainTypeOf(row) is not { } type) return null;
        var members = new List<JsonRowMember>();
        foreach (var property in type.Properties)
        {
            if (property.Get is null) continue;
            if (property.AttributeProvider is not MemberInfo accessor || property.ShouldSerialize is not null) return null;
            members.Add(new JsonRowMember(property.Name, property.PropertyType, accessor, null, CanBeNull: true));
        }

        return members;
    }

    /// <summary>An expression that makes a row of the values of its members.</summary>
    public static Expression Make(Type row, ConstructorInfo? constructor, IReadOnlyList<JsonRowMember> members, IReadOnlyList<Expression> values)
    {
        var arguments = members.Select((m, i) => (m.Parameter, Value: values[i])).Where(a => a.Parameter is not null).OrderBy(a => a.Parameter).Select(a => a.Value);
        var made = constructor is null ? Expression.New(row) : Expression.New(constructor, arguments);
        var set = members.Select((m, i) => (Member: m, Value: values[i])).Where(m => m.Member.Parameter is null).Select(m => (MemberBinding)Expression.Bind(m.Member.Accessor, m.Value)).ToList();
        return set.Count == 0 ? made : Expression.MemberInit(made, set);
    }

    private static JsonTypeInfo? PlainTypeOf(Type row)
    {
        var type = RowJson.Options.GetTypeInfo(row);
        var isPlain = type is { Kind: JsonTypeInfoKind.Object, PolymorphismOptions: null, OnDeserializing: null, OnDeserialized: null, OnSerializing: null, OnSerialized: null }
            && type.NumberHandling is null && type.UnmappedMemberHandling is null or System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip
            && type.Properties.All(p => p is { CustomConverter: null, NumberHandling: null, IsExtensionData: false, ObjectCreationHandling: null });
        return isPlain ? type : null;
    }
}
