using Pathway.Connectors.Postgres;

namespace Pathway.Cli;

/// <summary>The section <c>tables</c>: what is carried of some tables.</summary>
internal static class TableRulesSection
{
    private static readonly string[] Keys = ["columns", "rename", "mask", "where"];

    /// <summary>Reads it, with <c>mask-salt</c>.</summary>
    public static IReadOnlyList<TableRules> Read(YamlSection root)
    {
        var salt = root.Text("mask-salt", "", _ => null);
        var rules = root.Sections("tables", Keys, Names.TableProblem, "{ public.customers: { columns: [id, name] } }").Select(s => Read(s.Name, s.Section, salt)).ToList();
        if (salt.Length > 0 && !rules.Any(r => r.Masks.Values.Contains(ColumnMask.Hash))) root.Fault("mask-salt", "salts nothing: no table has a mask that hashes.");
        return rules;
    }

    private static TableRules Read(string table, YamlSection section, string salt)
    {
        IReadOnlyList<string>? columns = section.HasKey("columns") ? section.RequiredList("columns", "", "[id, name]", _ => null) : null;
        var rename = section.TextMap("rename", _ => null, name => name.Length is > 0 and <= 63 ? null : $"'{name}' can't name a column: it has {name.Length} characters; 1 to 63 are allowed.", "{ name: full_name }");
        var masks = new Dictionary<string, ColumnMask>(StringComparer.Ordinal);
        foreach (var (column, word, fault) in section.Entries("mask"))
        {
            ColumnMask? mask = word switch { "hash" => ColumnMask.Hash, "null" => ColumnMask.Null, "last4" => ColumnMask.Last4, _ => null };
            if (mask is { } known) masks[column] = known;
            else fault($"'{word}' is no mask; masks are hash, null (written in quotes: \"null\") and last4.");
        }

        foreach (var (key, column) in rename.Keys.Select(c => ("rename", c)).Concat(masks.Keys.Select(c => ("mask", c))))
            if (columns is not null && !columns.Contains(column)) section.Fault(key, $"'{column}' isn't among the columns that are carried.");
        if (columns is not null && columns.Distinct().Count() != columns.Count) section.Fault("columns", "names a column twice.");
        foreach (var twice in rename.GroupBy(r => r.Value).Where(g => g.Count() > 1)) section.Fault("rename", $"calls {twice.Count()} columns '{twice.Key}'.");
        RowFilter? where = null;
        var text = section.Text("where", "", condition =>
        {
            try
            {
                where = RowFilter.Parse(condition);
                return null;
            }
            catch (FormatException e)
            {
                return $"{e.Message}. A condition reads like: status = 'open' and id > 100.";
            }
        });
        if (columns is null && rename.Count == 0 && masks.Count == 0 && text.Length == 0) section.Fault("", "says nothing; it may hold columns, rename, mask and where.");
        return new TableRules(table) { Columns = columns, Rename = rename, Masks = masks, Where = where, Salt = salt };
    }
}
