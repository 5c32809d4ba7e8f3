using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Writes the rows of one table within a transaction: folds them by key, and sends what became of them a chunk at a time.</summary>
/// <remarks>Order: <see cref="Add"/> until it gives true or the transaction ends, then <see cref="FlushAsync"/>.</remarks>
internal sealed class TableWriter(ResolvedTable resolved, int number, PostgresTargetOptions options, ILogger logger)
{
    /// <summary>A chunk: large enough that statements cost little a row, small enough that many tables fit into memory.</summary>
    private const int ChunkRows = 20_000, ChunkBytes = 8 << 20;

    private readonly RowFold _rows = new(resolved.Table);
    private readonly TableSql _sql = new(resolved, number);
    private readonly int[] _keys = resolved.Table.KeyPlaces();
    private readonly BulkCopy _copy = new();
    private readonly TupleReader _reader = new(resolved.Table.Columns.Count), _keyReader = new(Math.Max(1, resolved.Table.Key.Count));
    private (byte[] From, byte[] To)? _move;
    private bool _truncates, _hasStage;

    /// <summary>The table.</summary>
    public TargetTable Table => resolved.Table;

    /// <summary>The statements.</summary>
    public TableSql Sql => _sql;

    /// <summary>The rows that wait.</summary>
    public RowFold Rows => _rows;

    /// <summary>Whether the table is to be emptied first.</summary>
    public bool Truncates => _truncates;

    /// <summary>A row that is to move to another key, behind the others: its old key, and what was sent of the row.</summary>
    public (byte[] From, byte[] To)? Move => _move;

    /// <summary>Whether anything waits to be sent.</summary>
    public bool IsEmpty => _rows.Entries.IsEmpty && !_truncates && _move is null;

    /// <summary>Takes a row; true when it is time to flush.</summary>
    public bool Add(in OutputRow row)
    {
        if (!row.HasKey && !row.HasValue)
        {
            _rows.Clear();
            _truncates = true;
            return false;
        }

        if (row.HasKey != Table.IsKeyed) throw new BadDataException($"A row for table {Table.FullName} has {(row.HasKey ? "a" : "no")} key, and the table is written {(Table.IsKeyed ? "by key" : "without one")}.");
        if (!row.HasValue) _rows.Delete(row.Key);
        else if (!Table.IsKeyed || !HasUnchanged(row.Value)) _rows.Put(row.Key, row.Value);
        else if (StaysUnder(row.Key, row.Value)) _rows.Patch(row.Key, row.Value);
        else _move = (row.Key.ToArray(), row.Value.ToArray());
        return _move is not null || _rows.Entries.Length >= ChunkRows || _rows.Length >= ChunkBytes;
    }

    /// <summary>Sends what waits.</summary>
    public async Task FlushAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        if (_truncates) await TruncateAsync(connection, stop).ConfigureAwait(false);
        var entries = _rows.Entries.ToArray();
        await ApplyAsync(connection, entries, mayCopy: true, stop).ConfigureAwait(false);
        if (_move is { } move) await MoveAsync(connection, move.From, move.To, stop).ConfigureAwait(false);
        if (_rows.Missed > 0) logger.NothingToPatch(Table.FullName, _rows.Missed);
        Clear();
    }

    /// <summary>The texts of a column in all rows that wait.</summary>
    public string[] TextsOf(int column)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in _rows.Entries.ToArray())
            if (entry.Kind != RowKind.Delete && ValueText(entry, column) is { } text) texts.Add(text);
        if (_move is not { } move) return [.. texts];
        _reader.Load(new TupleData(move.To));
        if (Text(_reader, column) is { } moved) texts.Add(moved);
        return [.. texts];
    }

    /// <summary>Empties the table.</summary>
    public Task TruncateAsync(NpgsqlConnection connection, CancellationToken stop) => ExecuteAsync(connection, _sql.Truncate, [], stop);

    /// <summary>The table that rows are copied into may have gone with a part of the transaction.</summary>
    public void ForgetStage() => _hasStage = false;

    /// <summary>The row under a key as it stands in the target; null where there is none.</summary>
    public async Task<byte[]?> FindAsync(NpgsqlConnection connection, TupleData key, CancellationToken stop)
    {
        _keyReader.Load(key);
        await using var command = new NpgsqlCommand(_sql.Find, connection);
        for (var i = 0; i < _keys.Length; i++) command.Parameters.Add(new NpgsqlParameter { Value = (object?)Text(_keyReader, i) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
        if (!await reader.ReadAsync(stop).ConfigureAwait(false)) return null;
        return RowText.Tuple([.. Enumerable.Range(0, Table.Columns.Count).Select(i => reader.IsDBNull(i) ? null : reader.GetString(i))]);
    }

    /// <summary>Forgets what waits.</summary>
    public void Clear()
    {
        _rows.Clear();
        (_move, _truncates) = (null, false);
    }

    /// <summary>Sends <paramref name="entries"/>, which stand for different keys.</summary>
    /// <param name="connection">In the transaction.</param>
    /// <param name="entries">The rows.</param>
    /// <param name="mayCopy">Whether many rows may be copied. Not where the transaction goes back to before: the table that rows are copied into might go with it.</param>
    /// <param name="stop">Ends it.</param>
    public async Task ApplyAsync(NpgsqlConnection connection, RowFold.Entry[] entries, bool mayCopy, CancellationToken stop)
    {
        var (puts, patches, deletes) = (new List<RowFold.Entry>(entries.Length), new List<RowFold.Entry>(), new List<RowFold.Entry>());
        foreach (var entry in entries) (entry.Kind switch { RowKind.Put => puts, RowKind.Patch => patches, _ => deletes }).Add(entry);
        if (deletes.Count > 0) await ExecuteAsync(connection, _sql.Delete, KeysOf(deletes), stop).ConfigureAwait(false);
        foreach (var group in patches.GroupBy(p => string.Join(',', Sent(p))))
        {
            if (group.Key.Length == 0) continue; // nothing but the key was sent
            var columns = Sent(group.First());
            var list = group.ToList();
            var updated = await ExecuteAsync(connection, _sql.Patch(columns), [.. KeysOf(list), .. ValuesOf(list, columns)], stop).ConfigureAwait(false);
            if (updated < list.Count) logger.NothingToPatch(Table.FullName, list.Count - updated);
        }

        if (mayCopy && puts.Count >= options.BulkRows) await CopyAsync(connection, puts, stop).ConfigureAwait(false);
        else if (puts.Count > 0) await ExecuteAsync(connection, _sql.PutFromParameters, ValuesOf(puts, [.. Enumerable.Range(0, Table.Columns.Count)]), stop).ConfigureAwait(false);
    }

    /// <summary>The key of an entry, for people.</summary>
    public string KeyText(RowFold.Entry entry)
    {
        if (!Table.IsKeyed) return "(none)";
        _keyReader.Load(_rows.Tuple(entry.Key));
        var text = string.Join(", ", _keys.Select((_, i) => Text(_keyReader, i) ?? "NULL"));
        return text.Length <= 100 ? text : text[..100] + "…";
    }

    /// <summary>The text of a column of an entry; null for NULL and what wasn't sent.</summary>
    public string? ValueText(RowFold.Entry entry, int column)
    {
        _reader.Load(_rows.Tuple(entry.Value));
        return Text(_reader, column);
    }

    private async Task CopyAsync(NpgsqlConnection connection, List<RowFold.Entry> puts, CancellationToken stop)
    {
        if (!_hasStage) await ExecuteAsync(connection, _sql.CreateStage, [], stop).ConfigureAwait(false);
        _hasStage = true;
        await _copy.WriteAsync(connection, _sql.CopyToStage, _rows, puts, stop).ConfigureAwait(false);
        await ExecuteAsync(connection, _sql.PutFromStage, [], stop).ConfigureAwait(false);
        await ExecuteAsync(connection, _sql.ClearStage, [], stop).ConfigureAwait(false);
    }

    /// <summary>Moves a row to another key.</summary>
    /// <exception cref="BadDataException">There is no such row.</exception>
    public async Task MoveAsync(NpgsqlConnection connection, byte[] from, byte[] to, CancellationToken stop)
    {
        _reader.Load(new TupleData(to));
        var columns = Enumerable.Range(0, Table.Columns.Count).Where(i => !_reader.IsUnchanged(i)).ToArray();
        _keyReader.Load(new TupleData(from));
        var key = string.Join(", ", _keys.Select((_, i) => Text(_keyReader, i)));
        await using var command = new NpgsqlCommand(_sql.Move(columns), connection);
        foreach (var value in _keys.Select((_, i) => Text(_keyReader, i)).Concat(columns.Select(i => Text(_reader, i))))
            command.Parameters.Add(new NpgsqlParameter { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        if (await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false) != 1)
        {
            throw new BadDataException(
                $"Table {Table.FullName}: the key of row ({key}) changed, the update left unchanged large values out, and the target has no such row to take them from. "
                + "Give the source table REPLICA IDENTITY FULL, so that updates carry them, and begin anew.");
        }
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, IEnumerable<string?[]> columns, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var column in columns) command.Parameters.Add(new NpgsqlParameter { Value = column, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
    }

    private string?[][] KeysOf(List<RowFold.Entry> entries) => Columns(entries, e => e.Key, _keyReader, [.. Enumerable.Range(0, _keys.Length)]);

    private string?[][] ValuesOf(List<RowFold.Entry> entries, int[] columns) => Columns(entries, e => e.Value, _reader, columns);

    private string?[][] Columns(List<RowFold.Entry> entries, Func<RowFold.Entry, RowFold.Part> part, TupleReader reader, int[] columns)
    {
        var values = columns.Select(_ => new string?[entries.Count]).ToArray();
        for (var row = 0; row < entries.Count; row++)
        {
            reader.Load(_rows.Tuple(part(entries[row])));
            for (var i = 0; i < columns.Length; i++) values[i][row] = Text(reader, columns[i]);
        }

        return values;
    }

    // Columns of the key stand in the condition.
    private int[] Sent(RowFold.Entry patch)
    {
        _reader.Load(_rows.Tuple(patch.Value));
        return [.. Enumerable.Range(0, Table.Columns.Count).Where(i => !_reader.IsUnchanged(i) && !_keys.Contains(i))];
    }

    private static bool HasUnchanged(ReadOnlySpan<byte> value)
    {
        var values = new TupleData.Enumerator(value);
        while (values.MoveNext())
            if (values.Current.Kind == TupleData.ValueKind.Unchanged) return true;
        return false;
    }

    private bool StaysUnder(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _reader.Load(new TupleData(value.ToArray()));
        _keyReader.Load(new TupleData(key.ToArray()));
        for (var i = 0; i < _keys.Length; i++)
            if (!_reader.IsUnchanged(_keys[i]) && !_reader.Text(_keys[i]).SequenceEqual(_keyReader.Text(i))) return false;
        return true;
    }

    private static string? Text(TupleReader reader, int column) => reader.KindOf(column) == TupleData.ValueKind.Text ? Encoding.UTF8.GetString(reader.Text(column)) : null;
}
