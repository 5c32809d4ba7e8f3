using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Loads tables without primary key, at once, from the snapshot that the making of the slot exported: they can't be read in chunks.</summary>
/// <remarks>All of it is one transaction to the engine, which ends with the position behind the slot's beginning: a kill leaves nothing of it, and the next start makes slot and snapshot anew.</remarks>
internal sealed class SnapshotLoad(PostgresOptions options, IReadOnlyList<ITableInput> inputs, SourceContext context)
{
    private readonly SliceBuilder _slice = new(inputs) { IsLoading = true };

    /// <summary>How many rows were handed on.</summary>
    public long Rows { get; private set; }

    /// <summary>Whether something was handed on, so that a failure can't be met by trying again within the process.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Hands all rows of the tables on, as parts of a transaction that the caller ends.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="snapshot">The exported snapshot's name.</param>
    /// <param name="at">The slot's beginning.</param>
    /// <param name="hasLater">Whether other tables are loaded after these.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(IReadOnlyList<FoundTable> tables, string snapshot, PostgresPosition at, bool hasLater, CancellationToken stop)
    {
        await using var source = NpgsqlDataSource.Create(options.SqlConnection);
        await using var connection = await source.OpenConnectionAsync(stop).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, stop).ConfigureAwait(false);
        await using (var set = new NpgsqlCommand($"SET TRANSACTION SNAPSHOT {FoundTable.Literal(snapshot)[1..]}", connection)) await set.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        var loaded = new PgTransaction(0, at.Lsn, (context.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10, null);
        foreach (var table in tables)
        {
            var described = CopyReader.Published(new PgCatalog(source).Find(connection, table.Oid) ?? throw new ConnectorException($"Table {table.FullName} was dropped while it was being loaded."), table);
            await LoadAsync(connection, table, described, loaded, at, isFirst: table == tables[0], isLast: !hasLater && table == tables[^1], stop).ConfigureAwait(false);
        }

        await transaction.CommitAsync(stop).ConfigureAwait(false);
        await HandOnAsync(at, stop).ConfigureAwait(false);
    }

    // Each row waits for the next one, so that the last can say that it is.
    private async Task LoadAsync(NpgsqlConnection connection, FoundTable table, PgTable described, PgTransaction loaded, PostgresPosition at, bool isFirst, bool isLast, CancellationToken stop)
    {
        var columns = string.Join(", ", described.Columns.Select(c => FoundTable.Quote(c.Name)));
        var filter = table.RowFilter is { } condition ? $" WHERE ({condition})" : "";
        TupleData waiting = default;
        var rows = 0L;
        await foreach (var batch in CopyReader.ReadAsync(connection, $"COPY (SELECT {columns} FROM {table.Sql}{filter}) TO STDOUT", stop).ConfigureAwait(false))
        {
            foreach (var row in batch)
            {
                if (rows++ > 0) Add(waiting, rows == 2 ? isFirst ? LoadPlace.First : LoadPlace.FirstInTable : LoadPlace.Within);
                waiting = row;
            }

            if (_slice.Bytes >= options.SliceBytes) await HandOnAsync(at, stop).ConfigureAwait(false);
        }

        if (rows > 0) Add(waiting, isLast ? LoadPlace.Last : LoadPlace.LastInTable);
        Rows += rows;

        void Add(TupleData row, LoadPlace place)
        {
            var memory = _slice.Take(row.Memory.Length);
            row.Memory.CopyTo(memory);
            _slice.Add(new ChangeEvent { Table = described, Kind = ChangeKind.Load, Transaction = loaded, Lsn = at.Lsn, New = new TupleData(memory), Place = place });
        }
    }

    private async Task HandOnAsync(PostgresPosition at, CancellationToken stop)
    {
        HasBegun = true;
        await context.Input.WriteAsync(_slice.Build(at.ToPosition(), endsTransaction: false), stop).ConfigureAwait(false);
    }
}
