using System.Text.RegularExpressions;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>A list of regular expressions for names, as Debezium's settings have them: with commas between, each for the whole name, letter case ignored.</summary>
public sealed class NamePatterns
{
    private readonly Regex[] _patterns;

    private NamePatterns(Regex[] patterns, string text) => (_patterns, Text) = (patterns, text);

    /// <summary>The list as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a list.</summary>
    /// <exception cref="ConfigurationException">One is no regular expression.</exception>
    public static NamePatterns Parse(string text) => new([.. Split(text).Select(Pattern)], text);

    /// <summary>Whether an expression is for <paramref name="name"/>.</summary>
    public bool IsMatch(string name)
    {
        foreach (var pattern in _patterns)
            if (pattern.IsMatch(name)) return true;
        return false;
    }

    /// <summary>The expression for the whole of a name.</summary>
    internal static Regex Pattern(string text)
    {
        try
        {
            return new Regex($"^(?:{text})$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException exception)
        {
            throw new ConfigurationException($"'{text}' is no regular expression ({exception.Message}); expected are expressions for whole names with commas between, such as public.orders,public.item_.*", exception);
        }
    }

    /// <summary>Splits at commas, but not at those with a backslash before them or inside of brackets.</summary>
    private static List<string> Split(string text)
    {
        var (parts, start, depth) = (new List<string>(), 0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == '\\') { i++; continue; }
            if (i < text.Length && text[i] is '[' or '{' or '(') depth++;
            if (i < text.Length && text[i] is ']' or '}' or ')') depth--;
            if (i < text.Length && (text[i] != ',' || depth > 0)) continue;
            var part = text[start..Math.Min(i, text.Length)].Trim().Replace("\\,", ",", StringComparison.Ordinal);
            if (part.Length > 0) parts.Add(part);
            start = i + 1;
        }

        return parts;
    }
}
