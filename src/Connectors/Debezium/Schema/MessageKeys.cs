using System.Text.RegularExpressions;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Which columns are the key of a table's records.</summary>
internal sealed class MessageKeys(string? setting)
{
    private readonly (Regex Table, string[] Columns)[] _rules = [.. (setting ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Rule)];

    /// <summary>The columns named for the table, else the primary key, else the first unique index by name; empty for no key.</summary>
    public IReadOnlyList<string> Of(PgTable table)
    {
        foreach (var (pattern, columns) in _rules)
            if (pattern.IsMatch(table.FullName)) return columns;
        return table.PrimaryKey.Count > 0 ? table.PrimaryKey : table.UniqueIndexes.Count > 0 ? table.UniqueIndexes[0] : [];
    }

    private static (Regex Table, string[] Columns) Rule(string text)
    {
        var colon = text.LastIndexOf(':');
        var columns = text[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (colon <= 0 || columns.Length == 0) throw Wrong(text, null);
        try
        {
            return (new Regex($"^(?:{text[..colon]})$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant), columns);
        }
        catch (ArgumentException exception)
        {
            throw Wrong(text, exception);
        }
    }

    private static ConfigurationException Wrong(string text, Exception? inner) =>
        new($"'{text}' doesn't name key columns; expected is a regular expression for schema.table, a colon, and columns with commas between: public.orders:customer_id,id", inner);
}
