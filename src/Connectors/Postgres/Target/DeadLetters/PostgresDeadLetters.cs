using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>A row that a target refused.</summary>
/// <param name="Id">Its number in the table of dead letters.</param>
/// <param name="At">When it was put there.</param>
/// <param name="Table">"schema.name" of the table that it was for.</param>
/// <param name="Key">The texts of its key, as a JSON array; null for a table without key.</param>
/// <param name="Row">The texts of its columns, as a JSON object; null for a delete.</param>
/// <param name="Reason">Why it was refused.</param>
/// <param name="Commit">The commit that it belongs to.</param>
/// <param name="Position">Where the source stood behind that.</param>
public sealed record RefusedRowLetter(long Id, DateTime At, string Table, string? Key, string? Row, string Reason, decimal? Commit, string? Position);

/// <summary>Reads the dead letters of a pipeline's Postgres target for people, and sends their rows again.</summary>
/// <param name="options">The target, with <see cref="PostgresTargetOptions.DeadLetters"/>.</param>
/// <param name="pipeline">The pipeline's name.</param>
public sealed class PostgresDeadLetters(PostgresTargetOptions options, string pipeline)
{
    /// <summary>The letters that are open: those whose key had no later row, and that weren't sent again.</summary>
    /// <param name="max">At most so many.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="ConnectorException">The server can't be asked.</exception>
    public Task<IReadOnlyList<RefusedRowLetter>> ListAsync(int max, CancellationToken stop) => WithConnectionAsync(connection => ListAsync(connection, max, stop), stop);

    /// <summary>Writes the rows of open letters into their tables, each in a transaction of its own that also closes the letter. Those that are refused again stay open, with the new reason.</summary>
    /// <remarks>The pipeline may run meanwhile: each transaction holds its row of the progress table, so that no later row of a key comes in between.</remarks>
    /// <param name="max">At most so many.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>How many were written, and how many were refused again.</returns>
    /// <exception cref="ConnectorException">The server can't be asked.</exception>
    public Task<(int Written, int Refused)> ReplayAsync(int max, CancellationToken stop) => WithConnectionAsync(
        async connection =>
        {
            var (written, refused) = (0, 0);
            foreach (var letter in await ListAsync(connection, max, stop).ConfigureAwait(false))
            {
                if (await ReplayAsync(connection, letter.Id, stop).ConfigureAwait(false) is not { } isWritten) continue;
                if (isWritten) written++;
                else refused++;
            }

            return (written, refused);
        },
        stop);

    private async Task<IReadOnlyList<RefusedRowLetter>> ListAsync(NpgsqlConnection connection, int max, CancellationToken stop)
    {
        if (!await DeadLetterTable.ExistsAsync(connection, options, stop).ConfigureAwait(false)) return [];
        await using var command = new NpgsqlCommand(
            $"SELECT id, at, table_name, key, row::text, reason, commit, source_position FROM {DeadLetterTable.Sql(options)} WHERE pipeline_name = $1 AND target = $2 AND closed IS NULL ORDER BY id LIMIT $3", connection)
        {
            Parameters = { new NpgsqlParameter { Value = pipeline }, new NpgsqlParameter { Value = options.Name }, new NpgsqlParameter { Value = max } },
        };
        await using var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
        var letters = new List<RefusedRowLetter>();
        while (await reader.ReadAsync(stop).ConfigureAwait(false))
            letters.Add(new RefusedRowLetter(reader.GetInt64(0), reader.GetDateTime(1), reader.GetString(2), Text(reader, 3), Text(reader, 4), reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetDecimal(6), Text(reader, 7)));
        return letters;
    }

    // Whether it was written; null where it isn't open any more.
    private async Task<bool?> ReplayAsync(NpgsqlConnection connection, long id, CancellationToken stop)
    {
        await using var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using (var hold = new NpgsqlCommand($"SELECT 1 FROM {FoundTable.Quote(options.ProgressSchema)}.progress WHERE pipeline_name = $1 AND target = $2 FOR UPDATE", connection, transaction)
            { Parameters = { new NpgsqlParameter { Value = pipeline }, new NpgsqlParameter { Value = options.Name } } })
            await hold.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        string destination;
        string? key, row;
        await using (var find = new NpgsqlCommand($"SELECT destination, key, row::text FROM {DeadLetterTable.Sql(options)} WHERE id = $1 AND closed IS NULL FOR UPDATE", connection, transaction) { Parameters = { new NpgsqlParameter { Value = id } } })
        await using (var reader = await find.ExecuteReaderAsync(stop).ConfigureAwait(false))
        {
            if (!await reader.ReadAsync(stop).ConfigureAwait(false)) return null;
            (destination, key, row) = (reader.GetString(0), Text(reader, 1), Text(reader, 2));
        }

        var resolved = await TargetTables.EnsureAsync(connection, options with { Tables = TableCreation.MustExist }, [destination], NullLogger.Instance, stop).ConfigureAwait(false);
        var writer = new TableWriter(resolved[destination], number: 0, options, NullLogger.Instance);
        if (row is not null) writer.Rows.Put(key is null ? default : RowText.ToKey(key), RowText.ToTuple(writer.Table, row));
        else writer.Rows.Delete(RowText.ToKey(key!));
        await transaction.SaveAsync("pathway_letter", stop).ConfigureAwait(false);
        var (set, value, isWritten) = ("closed = clock_timestamp(), closed_by = $2", "replay", true);
        try
        {
            await writer.FlushAsync(connection, stop).ConfigureAwait(false);
        }
        catch (PostgresException e) when (TargetFaults.IsOfRow(e))
        {
            await transaction.RollbackAsync("pathway_letter", stop).ConfigureAwait(false);
            (set, value, isWritten) = ("reason = $2", await new RefusedRow(connection, transaction, writer, e).ReasonAsync(writer.Rows.Entries[0], e, stop).ConfigureAwait(false), false);
        }

        await using (var close = new NpgsqlCommand($"UPDATE {DeadLetterTable.Sql(options)} SET {set} WHERE id = $1", connection, transaction) { Parameters = { new NpgsqlParameter { Value = id }, new NpgsqlParameter { Value = value } } })
            await close.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return isWritten;
    }

    private async Task<T> WithConnectionAsync<T>(Func<NpgsqlConnection, Task<T>> act, CancellationToken stop)
    {
        if (options.DeadLetters is null) throw new ConfigurationException("The Postgres target has no dead letters.");
        try
        {
            await using var connection = new NpgsqlConnection(options.SqlConnection);
            await connection.OpenAsync(stop).ConfigureAwait(false);
            return await act(connection).ConfigureAwait(false);
        }
        catch (Exception e) when (TargetFaults.IsOfServer(e))
        {
            throw TargetFaults.Told(e, options);
        }
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
