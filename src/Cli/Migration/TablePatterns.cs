namespace Pathway.Cli;

/// <summary>Makes patterns for tables, which know * alone, of the regular expressions of a connector.</summary>
internal static class TablePatterns
{
    /// <summary>The patterns for what the lists name.</summary>
    /// <param name="tables">Expressions for schema.table; null for all.</param>
    /// <param name="schemas">Expressions for schemas; null for all.</param>
    /// <param name="isWider">Whether the patterns take in more than the lists.</param>
    public static IReadOnlyList<string> From(string? tables, string? schemas, out bool isWider)
    {
        isWider = false;
        var patterns = new List<string>();
        var expressions = tables is not null ? Split(tables) : schemas is not null ? Split(schemas).Select(schema => schema + "\\..*") : [];
        foreach (var expression in expressions)
        {
            if (Plain(expression) is { } pattern && pattern.Contains('.', StringComparison.Ordinal)) patterns.Add(pattern);
            else isWider = true;
        }

        return isWider || patterns.Count == 0 ? ["*.*"] : patterns;
    }

    private static IEnumerable<string> Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A pattern for an expression of letters, dots and .* alone.</summary>
    private static string? Plain(string expression)
    {
        var pattern = expression.Replace("\\.", "\0", StringComparison.Ordinal).Replace("(.*)", "*", StringComparison.Ordinal).Replace(".*", "*", StringComparison.Ordinal).Replace('\0', '.');
        return pattern.All(c => char.IsLetterOrDigit(c) || c is '.' or '_' or '*' or '-' or '$' or ' ') ? pattern : null;
    }
}
