using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>How values stand in a file with separators between them. Immutable; changed with <c>with</c>.</summary>
public sealed record CsvOptions
{
    /// <summary>Between two values. Default a comma; any other ASCII character can be, such as <c>;</c> or a tab.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>Around values that hold separators, quotes or ends of lines; doubled inside of them. Default <c>"</c>.</summary>
    public char Quote { get; init; } = '"';

    /// <summary>Whether the first record names the columns. Default true; else they are the members of the row, in their order.</summary>
    public bool HasHeader { get; init; } = true;

    internal void Check()
    {
        if (!IsUsable(Separator) || !IsUsable(Quote) || Separator == Quote)
            throw new ConfigurationException($"CSV with the separator '{Separator}' and the quote '{Quote}' can't be read: both have to be ASCII, no ends of lines, and different.");
    }

    private static bool IsUsable(char c) => c is > '\0' and <= '~' and not '\r' and not '\n';
}
