namespace Pathway.Connectors.Postgres;

/// <summary>A table of the target as it was found there: what rows are cast to.</summary>
/// <param name="Table">The table as rows were formatted for it.</param>
/// <param name="Casts">For each column the type that its text is read as: the column's base type, without modifier, so that a value that is too long is refused rather than cut.</param>
internal sealed record ResolvedTable(TargetTable Table, IReadOnlyList<string> Casts);

/// <summary>The statements for one table. Values are parameters or copied rows, always as text, in columns c0, c1 …; names are quoted.</summary>
internal sealed class TableSql(ResolvedTable resolved, int number)
{
    private readonly TargetTable _table = resolved.Table;
    private readonly int[] _keys = resolved.Table.KeyPlaces();
    private readonly Dictionary<string, string> _patches = new(StringComparer.Ordinal);
    private string? _putFromParameters, _putFromStage, _delete;

    /// <summary>The temporary table that rows are copied into.</summary>
    public string Stage => $"pg_temp.pathway_stage_{number}";

    /// <summary>Makes <see cref="Stage"/>, once in a session.</summary>
    public string CreateStage => $"CREATE TEMPORARY TABLE IF NOT EXISTS pathway_stage_{number} ({Join(All(), i => $"c{i} text")}) ON COMMIT DELETE ROWS";

    /// <summary>Fills it.</summary>
    public string CopyToStage => $"COPY {Stage} FROM STDIN (FORMAT binary)";

    /// <summary>Empties it.</summary>
    public string ClearStage => $"TRUNCATE {Stage}";

    /// <summary>Takes the staged rows over, in their order.</summary>
    public string PutFromStage => _putFromStage ??= Put(Stage + " AS s");

    /// <summary>Takes rows over that are given as one array a column.</summary>
    public string PutFromParameters => _putFromParameters ??= Put(Parameters(All()));

    /// <summary>Deletes the rows under keys that are given as one array a column.</summary>
    public string Delete => _delete ??= $"DELETE FROM {_table.Sql} AS t USING {Parameters(_keys)} WHERE {KeysMatch()}";

    /// <summary>Empties the table.</summary>
    public string Truncate => $"TRUNCATE {_table.Sql}";

    /// <summary>Sets some columns of the rows under keys that are given as one array a column: first the key's, then the columns.</summary>
    /// <param name="columns">Those that are set; none of the key.</param>
    public string Patch(int[] columns)
    {
        var name = string.Join(',', columns);
        if (!_patches.TryGetValue(name, out var sql))
            _patches[name] = sql = $"UPDATE {_table.Sql} AS t SET {Join(columns, i => $"{Name(i)} = {Cast(i)}")} FROM {Parameters([.. _keys, .. columns])} WHERE {KeysMatch()}";
        return sql;
    }

    /// <summary>Moves one row to another key and sets its columns: parameters are the old key, then the columns.</summary>
    public string Move(int[] columns) =>
        $"UPDATE {_table.Sql} SET {Join(columns, (i, n) => $"{Name(i)} = ${_keys.Length + n + 1}::text::{resolved.Casts[i]}")} WHERE {string.Join(" AND ", _keys.Select((k, n) => $"{Name(k)} = ${n + 1}::text::{resolved.Casts[k]}"))}";

    /// <summary>Finds the row under a key that is given as parameters, its values as text.</summary>
    public string Find => $"SELECT {Join(All(), i => Name(i) + "::text")} FROM {_table.Sql} WHERE {string.Join(" AND ", _keys.Select((k, n) => $"{Name(k)} = ${n + 1}::text::{resolved.Casts[k]}"))}";

    /// <summary>Puts one value into a table that has this column alone, as a put would.</summary>
    public string Try(int column) => $"INSERT INTO pg_temp.pathway_try SELECT $1::text::{resolved.Casts[column]}";

    /// <summary>Makes a table for <see cref="Try"/>.</summary>
    public string CreateTry(int column) => $"CREATE TEMPORARY TABLE pathway_try ON COMMIT DROP AS SELECT {Name(column)} FROM {_table.Sql} LIMIT 0";

    private string Put(string source)
    {
        var insert = $"INSERT INTO {_table.Sql} ({Join(All(), Name)}) OVERRIDING SYSTEM VALUE SELECT {Join(All(), Cast)} FROM {source}";
        if (!_table.IsKeyed) return insert;
        var others = All().Except(_keys).ToArray();
        return $"{insert} ON CONFLICT ({Join(_keys, Name)}) DO {(others.Length == 0 ? "NOTHING" : $"UPDATE SET {Join(others, i => $"{Name(i)} = excluded.{Name(i)}")}")}";
    }

    private string KeysMatch() => string.Join(" AND ", _keys.Select(i => $"t.{Name(i)} = {Cast(i)}"));

    private static string Parameters(int[] columns) => $"unnest({Join(columns, (_, n) => $"${n + 1}")}) AS s({Join(columns, i => $"c{i}")})";

    private string Name(int column) => FoundTable.Quote(_table.Columns[column].Name);

    private string Cast(int column) => $"s.c{column}::{resolved.Casts[column]}";

    private int[] All() => [.. Enumerable.Range(0, _table.Columns.Count)];

    private static string Join(int[] columns, Func<int, string> text) => string.Join(", ", columns.Select(text));

    private static string Join(int[] columns, Func<int, int, string> text) => string.Join(", ", columns.Select(text));
}
