namespace Pathway.Storage;

/// <summary>What a stored row consists of, read back from the words of its schema (<see cref="RowSchema"/>): the type that wrote it need not be there any more.</summary>
/// <param name="Text">The words.</param>
internal abstract record RowLayout(string Text)
{
    /// <summary>One value: a number, text, a time; also what is never taken apart, such as a tuple.</summary>
    internal sealed record Single(string Text) : RowLayout(Text);

    /// <summary>A value or null.</summary>
    internal sealed record Optional(string Text, RowLayout Value) : RowLayout(Text);

    /// <summary>A list.</summary>
    internal sealed record Many(string Text, RowLayout Element) : RowLayout(Text);

    /// <summary>An enum: the number's type, and names with their numbers.</summary>
    internal sealed record Named(string Text, string Number, IReadOnlyList<string> Values) : RowLayout(Text);

    /// <summary>Members with names, in order.</summary>
    internal sealed record Composite(string Text, IReadOnlyList<(string Name, RowLayout Layout)> Members) : RowLayout(Text);

    /// <summary>Reads the words of a schema.</summary>
    public static RowLayout Parse(string text)
    {
        if (text.StartsWith("list of ", StringComparison.Ordinal)) return new Many(text, Parse(text[8..]));
        if (text.EndsWith('?')) return new Optional(text, Parse(text[..^1]));
        if (text.EndsWith('}') && text.IndexOf(" = ", StringComparison.Ordinal) is var equals and > 0)
        {
            var open = text.IndexOf('{', equals);
            return new Named(text, text[(equals + 3)..open].Trim(), [.. Split(text[(open + 1)..^1])]);
        }

        if (!text.EndsWith(')') || OpeningOf(text) is not (var at and > 0)) return new Single(text);
        return new Composite(text, [.. Split(text[(at + 1)..^1]).Select(member => member.IndexOf(": ", StringComparison.Ordinal) is var colon ? (member[..colon], Parse(member[(colon + 2)..])) : default)]);
    }

    /// <summary>Where the bracket opens that the text ends with.</summary>
    private static int OpeningOf(string text)
    {
        var depth = 0;
        for (var at = text.Length - 1; at >= 0; at--)
        {
            if (text[at] == ')') depth++;
            else if (text[at] == '(' && --depth == 0) return at;
        }

        return -1;
    }

    private static IEnumerable<string> Split(string text)
    {
        var (depth, from) = (0, 0);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is '(' or '<' or '{') depth++;
            else if (text[at] is ')' or '>' or '}') depth--;
            if (text[at] != ',' || depth > 0) continue;
            yield return text[from..at].Trim();
            from = at + 1;
        }

        if (from < text.Length) yield return text[from..].Trim();
    }
}
