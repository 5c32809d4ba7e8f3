using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Reads chunks of tables, each in one repeatable-read transaction with its snapshot, and writes their marks into the WAL.</summary>
internal sealed class ChunkReader(PostgresOptions options, TimeProvider time) : IAsyncDisposable
{
    /// <summary>The prefix of our logical messages.</summary>
    public const string MessagePrefix = "pathway";

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(options.SqlConnection);
    private readonly string _attempt = Guid.NewGuid().ToString("N"); // marks of an earlier attempt mean nothing to this one
    private readonly Dictionary<uint, PgTable> _described = [];
    private NpgsqlConnection? _connection;
    private int _chunks;

    /// <summary>Reads the next chunk of <paramref name="table"/> behind <paramref name="after"/>, and writes its mark.</summary>
    /// <param name="table">The table.</param>
    /// <param name="after">The key behind which it begins; null for the table's beginning.</param>
    /// <param name="isFirstTable">Whether the table is the first of all.</param>
    /// <param name="later">The tables that are loaded after it.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<Chunk> ReadAsync(FoundTable table, IReadOnlyList<string>? after, bool isFirstTable, IReadOnlyList<FoundTable> later, CancellationToken stop)
    {
        FailPoint.Hit(FailPoints.LoadBeforeChunk);
        var connection = await ConnectedAsync(stop).ConfigureAwait(false);
        var described = new PgCatalog(_source).Find(connection, table.Oid) ?? throw new ConnectorException($"Table {table.FullName} was dropped while it was being loaded.");
        var loaded = Same(WithoutGenerated(described));
        Chunk chunk;
        await using (var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, stop).ConfigureAwait(false))
        {
            var snapshot = TxSnapshot.Parse(await ScalarAsync<string>(connection, "SELECT pg_current_snapshot()::text", stop).ConfigureAwait(false));
            chunk = new Chunk(loaded, snapshot, JsonSerializer.Serialize(new Dictionary<string, string>
            {
                ["pipeline"] = options.Name, ["attempt"] = _attempt, ["table"] = table.FullName, ["chunk"] = (++_chunks).ToString(CultureInfo.InvariantCulture),
            }))
            {
                IsFirst = after is null, IsFirstTable = isFirstTable, ReadMicros = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10,
            };
            await CopyAsync(connection, Query(table, loaded, after), chunk, stop).ConfigureAwait(false);
            chunk.EndReading(options.ChunkRows);
            chunk.EndsLoad = chunk.IsLast && await AreEmptyAsync(connection, later, stop).ConfigureAwait(false);
            await transaction.CommitAsync(stop).ConfigureAwait(false);
        }

        FailPoint.Hit(FailPoints.LoadAfterChunkRead);
        if (chunk.Read == 0) return chunk;
        await using (var mark = new NpgsqlCommand("SELECT pg_logical_emit_message(true, $1, $2)::text", connection) { Parameters = { new() { Value = MessagePrefix }, new() { Value = chunk.Mark } } })
            await mark.ExecuteScalarAsync(stop).ConfigureAwait(false);
        FailPoint.Hit(FailPoints.LoadAfterChunkMark);
        return chunk;
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
    private string Query(FoundTable table, PgTable loaded, IReadOnlyList<string>? after)
    {
        var key = loaded.PrimaryKey;
        var keys = string.Join(", ", key.Select(FoundTable.Quote));
        var from = after is null
            ? ""
            : $"WHERE ({keys}) > ({string.Join(", ", after.Select((value, i) => $"{FoundTable.Literal(value)}::{TypeName(loaded.Columns.First(c => c.Name == key[i]).Type)}"))}) ";
        var columns = string.Join(", ", loaded.Columns.Select(c => FoundTable.Quote(c.Name)));
        return string.Create(CultureInfo.InvariantCulture, $"COPY (SELECT {columns} FROM {table.Sql} {from}ORDER BY {keys} LIMIT {options.ChunkRows + 1}) TO STDOUT");
    }

    private static string TypeName(PgType type) => $"{FoundTable.Quote(type.Schema)}.{FoundTable.Quote(type.Name)}";

    private static async Task CopyAsync(NpgsqlConnection connection, string query, Chunk chunk, CancellationToken stop)
    {
        using var export = await connection.BeginTextExportAsync(query, stop).ConfigureAwait(false);
        var bytes = ((StreamReader)export).BaseStream; // the text itself: no detour over UTF-16
        var buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
        try
        {
            for (var filled = 0; ;)
            {
                if (filled == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
                var read = await bytes.ReadAsync(buffer.AsMemory(filled), stop).ConfigureAwait(false);
                if (read == 0) break;
                filled += read;
                filled = TakeLines(buffer, filled, chunk);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int TakeLines(byte[] buffer, int filled, Chunk chunk)
    {
        var last = buffer.AsSpan(0, filled).LastIndexOf((byte)'\n');
        if (last < 0) return filled;
        using var writer = new TupleWriter(2 * (last + 1) + 64);
        var begins = new List<int>();
        for (var rest = (ReadOnlySpan<byte>)buffer.AsSpan(0, last + 1); !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)'\n');
            begins.Add(CopyText.Append(rest[..end], writer));
            rest = rest[(end + 1)..];
        }

        ReadOnlyMemory<byte> tuples = writer.Written.ToArray();
        for (var i = 0; i < begins.Count; i++) chunk.Add(new TupleData(tuples[begins[i]..(i + 1 < begins.Count ? begins[i + 1] : tuples.Length)]));
        buffer.AsSpan(last + 1, filled - last - 1).CopyTo(buffer);
        return filled - last - 1;
    }

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

    // Generated columns aren't in the stream before PostgreSQL 18: loaded rows leave them out as well, so that a table has one form.
    private static PgTable WithoutGenerated(PgTable table) => table.Columns.Any(c => c.IsGenerated)
        ? new PgTable
        {
            Oid = table.Oid, Schema = table.Schema, Name = table.Name, ReplicaIdentity = table.ReplicaIdentity, PrimaryKey = table.PrimaryKey, UniqueIndexes = table.UniqueIndexes,
            Columns = [.. table.Columns.Where(c => !c.IsGenerated)],
        }
        : table;
}
