using System.Text.RegularExpressions;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Which columns are the key of a table's records.</summary>
internal sealed class MessageKeys(string? setting)
{
    // Each says of columns, as schema.table.column, whether they are part of the key, in the order of the setting.
    private readonly Regex[] _parts = [.. (setting ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).SelectMany(Rule)];

    /// <summary>The columns named for the table, by all rules that it matches; else the primary key, else the first unique index by name; empty for no key.</summary>
    public IReadOnlyList<string> Of(PgTable table)
    {
        var named = _parts.SelectMany(part => table.Columns.Select(c => c.Name).Where(name => part.IsMatch($"{table.FullName}.{name}"))).Distinct().ToList();
        if (named.Count > 0) return named;
        return table.PrimaryKey.Count > 0 ? table.PrimaryKey : table.UniqueIndexes.Count > 0 ? table.UniqueIndexes[0] : [];
    }

    private static IEnumerable<Regex> Rule(string text)
    {
        var colon = text.LastIndexOf(':');
        var columns = text[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (colon <= 0 || columns.Length == 0) throw Wrong(text, null);
        try
        {
            return [.. columns.Select(column => new Regex($"^(?:{text[..colon]}.{column})$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant))];
        }
        catch (ArgumentException exception)
        {
            throw Wrong(text, exception);
        }
    }

    private static ConfigurationException Wrong(string text, Exception? inner) =>
        new($"'{text}' doesn't name key columns; expected is a regular expression for schema.table, a colon, and columns with commas between: public.orders:customer_id,id", inner);
}
