using System.Globalization;
using System.Text.Json;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Reads chunks of tables, each in one repeatable-read transaction with its snapshot, and writes marks into the WAL.</summary>
internal sealed class ChunkReader(PostgresOptions options, TimeProvider time) : IAsyncDisposable
{
    /// <summary>The prefix of our logical messages.</summary>
    public const string MessagePrefix = "pathway";

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(options.SqlConnection);
    private readonly string _attempt = Guid.NewGuid().ToString("N"); // marks of an earlier attempt mean nothing to this one
    private readonly Dictionary<uint, PgTable> _described = [];
    private NpgsqlConnection? _connection;
    private int _chunks;

    /// <summary>The key of the row that ends a chunk which begins behind <paramref name="after"/> and has so many <paramref name="rows"/>; null where the table ends within it.</summary>
    public async Task<string[]?> FindEndAsync(FoundTable table, IReadOnlyList<string>? after, int rows, CancellationToken stop)
    {
        var connection = await ConnectedAsync(stop).ConfigureAwait(false);
        if (new PgCatalog(_source).Find(connection, table.Oid) is not { } described) return null;
        await using var command = new NpgsqlCommand(
            string.Create(CultureInfo.InvariantCulture, $"SELECT ARRAY[{string.Join(", ", described.PrimaryKey.Select(k => $"{FoundTable.Quote(k)}::text"))}] FROM {table.Sql} {Range(table, described, after, null)}ORDER BY {Keys(described)} OFFSET {rows - 1} LIMIT 1"), connection);
        return (string[]?)await command.ExecuteScalarAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Reads one chunk, in a transaction of its own.</summary>
    /// <param name="range">What to read.</param>
    /// <param name="later">Tables that are loaded after it, to be looked at for whether they are empty.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<Chunk> ReadAsync(ChunkRange range, IReadOnlyList<FoundTable> later, CancellationToken stop)
    {
        var (table, after, end) = (range.Table, range.After, range.End);
        var connection = await ConnectedAsync(stop).ConfigureAwait(false);
        var described = new PgCatalog(_source).Find(connection, table.Oid) ?? throw new ConnectorException($"Table {table.FullName} was dropped while it was being loaded.");
        var loaded = Same(CopyReader.Published(described, table));
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, stop).ConfigureAwait(false);
        var snapshot = TxSnapshot.Parse(await ScalarAsync<string>(connection, "SELECT pg_current_snapshot()::text", stop).ConfigureAwait(false));
        var chunk = new Chunk(loaded, snapshot)
        {
            IsFirst = after is null, IsFirstTable = range.IsFirstTable, Pending = table.FullName, Cause = range.Cause, ReadMicros = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10,
        };
        var isCut = false;
        await foreach (var rows in CopyReader.ReadAsync(connection, Query(range, loaded), stop).ConfigureAwait(false))
        {
            // Rows that are much wider than those before; a range with an end has to be read to it, since another one stands behind.
            isCut = end is null && chunk.Bytes > 2L * options.ChunkBytes;
            if (isCut) break;
            foreach (var row in rows) chunk.Add(row);
        }

        chunk.EndReading(end is null ? range.Rows : null, isCut);
        chunk.LaterAreEmpty = chunk.IsLast && await AreEmptyAsync(connection, later, stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return chunk;
    }

    /// <summary>The table as its loaded rows have it.</summary>
    public async Task<PgTable> DescribeAsync(FoundTable table, CancellationToken stop)
    {
        var connection = await ConnectedAsync(stop).ConfigureAwait(false);
        return Same(CopyReader.Published(new PgCatalog(_source).Find(connection, table.Oid) ?? throw new ConnectorException($"Table {table.FullName} was dropped while it was being loaded."), table));
    }

    /// <summary>Writes a mark into the WAL, and gives its text: what was read before is complete when it comes by in the stream.</summary>
    public async Task<string> MarkAsync(string table, CancellationToken stop)
    {
        var text = JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["pipeline"] = options.Name, ["attempt"] = _attempt, ["table"] = table, ["chunk"] = (++_chunks).ToString(CultureInfo.InvariantCulture),
        });
        await using var mark = new NpgsqlCommand("SELECT pg_logical_emit_message(true, $1, $2)::text", await ConnectedAsync(stop).ConfigureAwait(false)) { Parameters = { new() { Value = MessagePrefix }, new() { Value = text } } };
        await mark.ExecuteScalarAsync(stop).ConfigureAwait(false);
        return text;
    }

    /// <summary>The first transaction that hasn't begun yet, and the first that hasn't ended.</summary>
    public async Task<(ulong Next, ulong Oldest)> HorizonAsync(CancellationToken stop)
    {
        var parts = (await ScalarAsync<string>(await ConnectedAsync(stop).ConfigureAwait(false), "SELECT pg_current_snapshot()::text", stop).ConfigureAwait(false)).Split(':');
        return (ulong.Parse(parts[1], CultureInfo.InvariantCulture), ulong.Parse(parts[0], CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    // What equals the version of the chunk before stays the same object, so that what others derived from it stays good.
    private PgTable Same(PgTable table) => _described[table.Oid] = _described.TryGetValue(table.Oid, out var before) && table.HasSameContent(before) ? before : table;

    // A connection that was lost in the middle of a chunk is no use any more, and neither is that chunk.
    private async ValueTask<NpgsqlConnection> ConnectedAsync(CancellationToken stop)
    {
        if (_connection is { State: not System.Data.ConnectionState.Open } lost)
        {
            _connection = null;
            await lost.DisposeAsync().ConfigureAwait(false);
        }

        return _connection ??= await _source.OpenConnectionAsync(stop).ConfigureAwait(false);
    }

    // One row more than a chunk holds, to know whether there is more. COPY takes no parameters: the key's values are literals, cast to the column's type.
    private static string Query(ChunkRange range, PgTable loaded)
    {
        var (table, after, end) = (range.Table, range.After, range.End);
        var columns = string.Join(", ", loaded.Columns.Select(c => FoundTable.Quote(c.Name)));
        var limit = end is null ? string.Create(CultureInfo.InvariantCulture, $" LIMIT {range.Rows + 1}") : "";
        return $"COPY (SELECT {columns} FROM {table.Sql} {Range(table, loaded, after, end)}ORDER BY {Keys(loaded)}{limit}) TO STDOUT";
    }

    private static string Keys(PgTable table) => string.Join(", ", table.PrimaryKey.Select(FoundTable.Quote));

    private static string Range(FoundTable found, PgTable table, IReadOnlyList<string>? after, IReadOnlyList<string>? end)
    {
        var bounds = new List<string>(3);
        if (found.RowFilter is { } filter) bounds.Add($"({filter})");
        if (after is not null) bounds.Add($"({Keys(table)}) > ({Literals(after)})");
        if (end is not null) bounds.Add($"({Keys(table)}) <= ({Literals(end)})");
        return bounds.Count == 0 ? "" : $"WHERE {string.Join(" AND ", bounds)} ";

        string Literals(IReadOnlyList<string> values) =>
            string.Join(", ", values.Select((value, i) => $"{FoundTable.Literal(value)}::{TypeName(table.Columns.First(c => c.Name == table.PrimaryKey[i]).Type)}"));
    }

    private static string TypeName(PgType type) => $"{FoundTable.Quote(type.Schema)}.{FoundTable.Quote(type.Name)}";

    private static async Task<bool> AreEmptyAsync(NpgsqlConnection connection, IReadOnlyList<FoundTable> tables, CancellationToken stop)
    {
        foreach (var table in tables)
            if (await ScalarAsync<bool>(connection, $"SELECT EXISTS (SELECT FROM {table.Sql})", stop).ConfigureAwait(false)) return false;
        return true;
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(stop).ConfigureAwait(false))!;
    }
}
