namespace Pathway.Connectors.Postgres;

/// <summary>Whether a table of the target takes the rows that are formatted for it.</summary>
internal static class TargetFit
{
    /// <summary>Types that take every value of another, beside itself and text. What comes as text may be of any type: its values are looked at one by one.</summary>
    private static readonly Dictionary<string, string[]> Wider = new(StringComparer.Ordinal)
    {
        ["int2"] = ["int4", "int8", "numeric", "float4", "float8"],
        ["int4"] = ["int8", "numeric", "float8"],
        ["int8"] = ["numeric"],
        ["oid"] = ["int8", "numeric"],
        ["float4"] = ["float8"],
        ["varchar"] = ["citext"],
        ["bpchar"] = ["varchar", "citext"],
        ["timestamp"] = ["timestamptz"],
        ["date"] = ["timestamp"],
        ["json"] = ["jsonb"],
        ["jsonb"] = ["json"],
        ["uuid"] = [],
    };

    /// <summary>What is wrong, as sentences; empty if nothing is.</summary>
    public static IEnumerable<string> FindProblems(TargetTable table, FoundTarget? found)
    {
        if (found is null)
        {
            yield return $"There is no table {table.FullName}. It needs: {string.Join(", ", table.Columns.Select(c => $"{c.Name} {c.Type}{c.Modifier}"))}{(table.IsKeyed ? $", primary key ({string.Join(", ", table.Key)})" : "")}.";
            yield break;
        }

        if (found.Kind is not ('r' or 'p'))
        {
            yield return $"{table.FullName} is no table but {(found.Kind switch { 'v' => "a view", 'm' => "a materialized view", 'f' => "a foreign table", 'S' => "a sequence", _ => $"of kind '{found.Kind}'" })}.";
            yield break;
        }

        foreach (var right in found.Lacks) yield return $"The user may not {right} on {table.FullName}. Its owner gives the right: GRANT {right} ON {table.Sql} TO the user.";
        foreach (var column in table.Columns)
        {
            var there = found.Columns.FirstOrDefault(c => c.Name == column.Name);
            if (there is null) yield return $"Table {table.FullName} lacks column {column.Name} of type {column.Type}{column.Modifier}; it has {string.Join(", ", found.Columns.Select(c => c.Name))}.";
            else if (there.IsGenerated) yield return $"Column {column.Name} of {table.FullName} is computed by the server (GENERATED ALWAYS AS), so that it can't be written.";
            else if (!Fits(column, there)) yield return $"Column {column.Name} of {table.FullName} has type {there.Declared}, which doesn't take every {column.Type}{column.Modifier}.";
        }

        foreach (var column in found.Columns.Where(c => c.NeedsValue && !c.IsGenerated && !table.Columns.Any(t => t.Name == c.Name)))
            yield return $"Column {column.Name} of {table.FullName} is NOT NULL without default, and the rows have no such column.";
        if (table.IsKeyed && !found.UniqueKeys.Any(k => k.Order(StringComparer.Ordinal).SequenceEqual(table.Key.Order(StringComparer.Ordinal))))
            yield return $"Table {table.FullName} has no primary key or unique index (not deferrable, not partial) on exactly ({string.Join(", ", table.Key)}), by which rows are put.";
    }

    private static bool Fits(TargetColumn column, FoundColumn there) =>
        there.Type == column.Type || there.Type is "text" || column.Type is "text" || (Wider.TryGetValue(column.Type, out var wider) && wider.Contains(there.Type));
}
