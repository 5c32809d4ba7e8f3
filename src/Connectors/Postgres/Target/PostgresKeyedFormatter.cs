using System.Buffers;
using System.Linq.Expressions;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>A keyed table as rows of a table by key.</summary>
internal sealed class PostgresKeyedFormatter<TKey, TRow> : IKeyedFormatter<TKey, TRow>
{
    private readonly string _destination;
    private readonly Action<TupleWriter, TKey> _key;
    private readonly Action<TupleWriter, TKey, TRow> _value;
    private readonly TupleWriter _tuple = new();

    /// <exception cref="ConfigurationException">The names of the key's columns don't fit the key.</exception>
    public PostgresKeyedFormatter(string table, IReadOnlyList<string> keyNames)
    {
        var keys = NamedKeys(table, keyNames);
        var row = RowMember.Of(typeof(TRow), "value");
        var (writer, key, value) = (Expression.Parameter(typeof(TupleWriter)), Expression.Parameter(typeof(TKey)), Expression.Parameter(typeof(TRow)));
        // A key that the row has as well stands once, where the row has it.
        var columns = keys.Where(k => !row.Any(r => r.Column.Name == k.Column.Name)).Select(k => (k.Column, Write: k.Write(writer, key)))
            .Concat(row.Select(r => keys.FirstOrDefault(k => k.Column.Name == r.Column.Name) is { } same ? (same.Column, Write: same.Write(writer, key)) : (r.Column, Write: r.Write(writer, value)))).ToList();
        _key = Expression.Lambda<Action<TupleWriter, TKey>>(Expression.Block(keys.Select(k => k.Write(writer, key))), writer, key).Compile();
        _value = Expression.Lambda<Action<TupleWriter, TKey, TRow>>(Expression.Block(columns.Select(c => c.Write)), writer, key, value).Compile();
        var (schema, name) = TargetTable.Split(table);
        _destination = new TargetTable(schema, name, [.. columns.Select(c => c.Column)], [.. keys.Select(k => k.Column.Name)]).ToDestination();
    }

    /// <summary>The name of the destination.</summary>
    public string Destination => _destination;

    /// <inheritdoc/>
    public void Upsert(in TKey key, in TRow row, OutputBuffer output)
    {
        BeginRow(key, output);
        _tuple.CutTo(0);
        _tuple.Begin();
        _value(_tuple, key, row);
        output.BeginValue();
        output.Write(_tuple.Written.Span);
        output.EndRow();
    }

    /// <inheritdoc/>
    public void Delete(in TKey key, OutputBuffer output)
    {
        BeginRow(key, output);
        output.EndRow();
    }

    private void BeginRow(in TKey key, OutputBuffer output)
    {
        _tuple.CutTo(0);
        _tuple.Begin();
        _key(_tuple, key);
        output.BeginRow(output.Destination(_destination));
        output.BeginKey();
        output.Write(_tuple.Written.Span);
    }

    private static List<RowMember> NamedKeys(string table, IReadOnlyList<string> names)
    {
        var members = RowMember.Of(typeof(TKey), "key");
        if (names.Count == 0 && RowMember.IsTuple(typeof(TKey)))
            throw new ConfigurationException($"The key of table {table} is a tuple, whose members have no names: name its columns, such as key: [\"region\", \"day\"].");
        if (names.Count == 0) names = [.. members.Select(m => m.Column.Name)];
        if (names.Count != members.Count) throw new ConfigurationException($"The key of table {table} has {members.Count} member{(members.Count == 1 ? "" : "s")}, and {names.Count} columns are named for it: {string.Join(", ", names)}.");
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count) throw new ConfigurationException($"The columns named for the key of table {table} aren't different: {string.Join(", ", names)}.");
        return [.. members.Select((m, i) => m with { Column = m.Column with { Name = names[i], IsNotNull = true } })];
    }
}
