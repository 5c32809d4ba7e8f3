using System.Collections.Concurrent;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>What a row type consists of, in words: names and types of its members in order. The plan's fingerprint holds it.</summary>
public sealed class RowSchema
{
    private static readonly ConcurrentDictionary<Type, RowSchema> Schemas = new();

    private readonly string _text;

    private RowSchema(string text) => _text = text;

    /// <summary>The schema of <paramref name="type"/>, such as <c>Order(Id: int, Amount: decimal?, Status: Status = int {Open = 0, Paid = 1})</c>.</summary>
    /// <exception cref="ConfigurationException">The type can't be a row; the message names the member and says what to use.</exception>
    public static RowSchema Of(Type type) => Schemas.GetOrAdd(type, static t =>
    {
        MemberCodecs.For(t);
        return new RowSchema(Describe(t));
    });

    /// <inheritdoc/>
    public override string ToString() => _text;

    private static string Describe(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Describe(underlying) + "?";
        if (type.IsEnum) return DescribeEnum(type);
        if (MemberCodecs.IsSimple(type)) return TypeText.Of(type);
        if (ListType.ElementOf(type) is { } element) return $"list of {Describe(element)}";
        if (TypeText.IsValueTuple(type)) return $"({string.Join(", ", TypeText.TupleElements(type).Select(Describe))})";
        var members = RowShape.Of(type).Members.Select(m => $"{m.Name}: {Describe(m.Type)}");
        return $"{TypeText.Of(type)}({string.Join(", ", members)})";
    }

    // The numbers are what is stored, so a change of their meaning has to show.
    private static string DescribeEnum(Type type)
    {
        var underlying = Enum.GetUnderlyingType(type);
        var values = Enum.GetNames(type).Select(name => $"{name} = {Convert.ChangeType(Enum.Parse(type, name), underlying, System.Globalization.CultureInfo.InvariantCulture)}");
        return $"{TypeText.Of(type)} = {TypeText.Of(underlying)} {{{string.Join(", ", values)}}}";
    }
}
