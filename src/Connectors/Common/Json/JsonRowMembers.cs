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
internal sealed record JsonRowMember(string Name, Type Type, MemberInfo Accessor, int? Parameter, bool CanBeNull);

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
            members.Add(new JsonRowMember(property.Name, property.PropertyType, accessor, parameter?.Position, parameter?.IsNullable ?? property.IsSetNullable));
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

    private static JsonTypeInfo? PlainTypeOf(Type row)
    {
        var type = RowJson.Options.GetTypeInfo(row);
        var isPlain = type is { Kind: JsonTypeInfoKind.Object, PolymorphismOptions: null, OnDeserializing: null, OnDeserialized: null, OnSerializing: null, OnSerialized: null }
            && type.NumberHandling is null && type.UnmappedMemberHandling is null or System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip
            && type.Properties.All(p => p is { CustomConverter: null, NumberHandling: null, IsExtensionData: false, ObjectCreationHandling: null });
        return isPlain ? type : null;
    }
}
