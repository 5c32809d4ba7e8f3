using System.Text;
using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Tells lines of one kind from others in the same file: a member at the top of their JSON object has a certain text.</summary>
/// <remarks>A line without the member is of no kind. Names are compared as they stand, with their case.</remarks>
public sealed record LineKind
{
    private readonly byte[] _member, _value, _beginning;

    /// <summary>Lines whose member <paramref name="member"/> is the text <paramref name="value"/>.</summary>
    /// <param name="member">The member's name, such as <c>type</c>.</param>
    /// <param name="value">Its text, such as <c>order</c>.</param>
    /// <exception cref="ConfigurationException">The name is empty.</exception>
    public LineKind(string member, string value)
    {
        if (member.Length == 0) throw new ConfigurationException("A kind of lines needs the name of the member that tells it, as in new LineKind(\"type\", \"order\").");
        (Member, Value, _member, _value) = (member, value, Encoding.UTF8.GetBytes(member), Encoding.UTF8.GetBytes(value));
        _beginning = [(byte)'{', .. JsonSerializer.SerializeToUtf8Bytes(member, RowJson.Options), (byte)':', (byte)'"'];
    }

    /// <summary>The member's name.</summary>
    public string Member { get; }

    /// <summary>Its text.</summary>
    public string Value { get; }

    /// <summary>Whether a line is of this kind.</summary>
    /// <exception cref="JsonException">The line is no JSON as far as it was looked at.</exception>
    internal bool Matches(ReadOnlySpan<byte> line)
    {
        // Usually the member comes first, and its text says at once which kind it is.
        if (line.StartsWith(_beginning) && line[_beginning.Length..] is var rest && rest.IndexOfAny((byte)'"', (byte)'\\') is var end and >= 0 && rest[end] == (byte)'"') return rest[..end].SequenceEqual(_value);
        var json = new Utf8JsonReader(line);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject) throw new JsonException("it holds no object");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = json.ValueTextEquals(_member);
            json.Read();
            if (wanted) return json.TokenType == JsonTokenType.String && json.ValueTextEquals(_value);
            json.Skip();
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Equals(LineKind? other) => other is not null && Member == other.Member && Value == other.Value;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Member, Value);

    /// <inheritdoc/>
    public override string ToString() => $"{Member}={Value}";
}
