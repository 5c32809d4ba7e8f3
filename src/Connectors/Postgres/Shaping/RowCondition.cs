using System.Globalization;
using System.Text;

namespace Pathway.Connectors.Postgres;

/// <summary>One comparison of a filter.</summary>
/// <param name="Column">The column.</param>
/// <param name="Operator">=, &lt;&gt;, &lt;, &lt;=, &gt;, &gt;=, in, is null, is not null.</param>
/// <param name="Constants">What it is compared with: text, numbers, or true and false as t and f.</param>
/// <param name="Kind">What the constants are.</param>
internal sealed record RowCondition(string Column, string Operator, IReadOnlyList<string> Constants, RowCondition.ConstantKind Kind)
{
    private static readonly string[] Numbers = ["int2", "int4", "int8", "numeric", "float4", "float8", "oid"];
    private static readonly string[] Texts = ["text", "varchar", "bpchar", "name", "uuid", "char"];
    private readonly decimal[] _numbers = Kind == ConstantKind.Number ? [.. Constants.Select(c => decimal.Parse(c, NumberStyles.Float, CultureInfo.InvariantCulture))] : [];
    private readonly byte[][] _texts = [.. Constants.Select(Encoding.UTF8.GetBytes)];

    public enum ConstantKind
    {
        None,
        Text,
        Number,
        Flag,
    }

    /// <summary>What keeps the column from being compared so; null for nothing.</summary>
    public string? Problem(PgColumn column)
    {
        var type = column.Type.DomainBase ?? column.Type;
        var fits = Kind switch
        {
            ConstantKind.None => true,
            ConstantKind.Number => Numbers.Contains(type.Name),
            ConstantKind.Flag => type.Name == "bool",
            _ => Texts.Contains(type.Name) || type.Kind == 'e',
        };
        return fits ? null : $"column {column.Name} of type {type.Name} can't be compared with {Kind switch { ConstantKind.Number => "a number", ConstantKind.Flag => "true or false", _ => "a text" }}";
    }

    /// <summary>Whether it holds for a value.</summary>
    public bool Holds(TupleData.ValueKind kind, ReadOnlySpan<byte> value)
    {
        if (Operator is "is null" or "is not null") return (kind == TupleData.ValueKind.Null) == (Operator == "is null");
        if (kind != TupleData.ValueKind.Text) return false;
        if (Kind != ConstantKind.Number) return Equal(value) == (Operator != "<>");
        // NaN and infinities: as in SQL, NaN is above all.
        if (!decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return HoldsBeyond(value);
        return Operator switch
        {
            "=" or "in" => _numbers.Contains(number),
            "<>" => number != _numbers[0],
            "<" => number < _numbers[0],
            "<=" => number <= _numbers[0],
            ">" => number > _numbers[0],
            _ => number >= _numbers[0],
        };
    }

    private bool HoldsBeyond(ReadOnlySpan<byte> value)
    {
        var isNegative = value.Length > 0 && value[0] == (byte)'-';
        return Operator switch { "<>" => true, "<" or "<=" => isNegative, ">" or ">=" => !isNegative, _ => false };
    }

    private bool Equal(ReadOnlySpan<byte> value)
    {
        foreach (var text in _texts)
            if (IsPadded ? value.TrimEnd((byte)' ').SequenceEqual(text.AsSpan().TrimEnd((byte)' ')) : value.SequenceEqual(text)) return true;
        return false;
    }

    /// <summary>Whether spaces at the end don't count (char(n)).</summary>
    public bool IsPadded { get; init; }
}
