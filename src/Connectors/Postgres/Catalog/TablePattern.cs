using System.IO.Enumeration;

namespace Pathway.Connectors.Postgres;

/// <summary>Names of tables with <c>*</c> for any characters: "public.order_*".</summary>
internal static class TablePattern
{
    /// <summary>Whether one of <paramref name="patterns"/> stands for <paramref name="table"/>. Upper and lower case count.</summary>
    public static bool Matches(IReadOnlyList<string> patterns, string table)
    {
        foreach (var pattern in patterns)
            if (FileSystemName.MatchesSimpleExpression(pattern, table, ignoreCase: false)) return true;
        return false;
    }
}
