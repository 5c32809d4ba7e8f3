using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>A member of a row or key as a column: PascalCase becomes snake_case.</summary>
/// <param name="Column">The column.</param>
/// <param name="Info">The member; null where the value itself is the column.</param>
internal sealed record RowMember(TargetColumn Column, MemberInfo? Info)
{
    /// <summary>The columns of a row type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="name">What the column of a simple value is called.</param>
    public static IReadOnlyList<RowMember> Of(Type type, string name)
    {
        if (CellText.IsSimple(type)) return [new RowMember(new TargetColumn(name, CellText.TypeOf(type), IsNotNull: !IsNullable(type)), null)];
        var nullability = new NullabilityInfoContext();
        if (IsTuple(type))
            return [.. type.GetFields().Select(f => new RowMember(new TargetColumn(Snake(f.Name), CellText.TypeOf(f.FieldType), IsNotNull: !IsNullable(f.FieldType) && nullability.Create(f).ReadState != NullabilityState.Nullable), f))];
        var constructor = type.GetConstructors().Where(c => c.GetParameters() is not [{ } only] || only.ParameterType != type).MaxBy(c => c.GetParameters().Length);
        PropertyInfo[] properties = constructor?.GetParameters() is { Length: > 0 } parameters
            ? [.. parameters.Select(p => type.GetProperty(p.Name!) ?? throw new ConfigurationException($"Parameter '{p.Name}' of {type.Name} has no property of its name, from which a column could be taken."))]
            : [.. type.GetProperties().Where(p => p is { CanRead: true, CanWrite: true } && p.GetIndexParameters().Length == 0)];
        if (properties.Length == 0) throw new ConfigurationException($"The row type {type.Name} has no members that could be columns.");
        return [.. properties.Select(p => new RowMember(
            new TargetColumn(Snake(p.Name), CellText.TypeOf(p.PropertyType), IsNotNull: !IsNullable(p.PropertyType) && nullability.Create(p).ReadState != NullabilityState.Nullable), p))];
    }

    /// <summary>Whether the type is a tuple, whose members have no names of their own.</summary>
    public static bool IsTuple(Type type) => type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true;

    /// <summary>Writes the member of <paramref name="value"/> to <paramref name="writer"/>.</summary>
    public Expression Write(Expression writer, Expression value)
    {
        var member = Info is null ? value : Expression.MakeMemberAccess(value, Info);
        return Expression.Call(typeof(CellText), nameof(CellText.Write), [member.Type], writer, member);
    }

    private static bool IsNullable(Type type) => Nullable.GetUnderlyingType(type) is not null;

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
