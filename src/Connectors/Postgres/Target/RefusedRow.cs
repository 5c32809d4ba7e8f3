using Npgsql;
using NpgsqlTypes;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Finds the row, and the column where there is one, that the target refused among the rows of a chunk.</summary>
/// <remarks>By halves, within the transaction that refused it, so that what stood before it stands there still.</remarks>
internal sealed class RefusedRow(NpgsqlConnection connection, NpgsqlTransaction transaction, TableWriter writer, PostgresException refusal)
{
    private const string Savepoint = "pathway_try";

    /// <summary>What to tell; the transaction is over in any case.</summary>
    public async Task<BadDataException> FindAsync(CancellationToken stop)
    {
        var entries = writer.Rows.Entries.ToArray();
        while (entries.Length > 1)
        {
            var half = entries[..(entries.Length / 2)];
            entries = await TryAsync(() => writer.ApplyAsync(connection, half, mayCopy: false, stop), stop).ConfigureAwait(false) is not null ? half : entries[half.Length..];
        }

        // Rows may be refused only together, as two that are to be unique.
        if (entries.Length == 0 || await TryAsync(() => writer.ApplyAsync(connection, entries, mayCopy: false, stop), stop).ConfigureAwait(false) is not { } alone) return Tell("", "", refusal);
        return Tell($", key ({writer.KeyText(entries[0])})", await ColumnAsync(entries[0], alone, stop).ConfigureAwait(false), alone);
    }

    /// <summary>Why one row was refused, without its table and key.</summary>
    public async Task<string> ReasonAsync(RowFold.Entry entry, PostgresException alone, CancellationToken stop) => (await ColumnAsync(entry, alone, stop).ConfigureAwait(false)).TrimStart(',', ' ') is { Length: > 0 } column ? $"{column}: {Reason(alone)}" : Reason(alone);

    // A constraint of the table, unlike one of a type, is no single column's.
    private async Task<string> ColumnAsync(RowFold.Entry entry, PostgresException alone, CancellationToken stop) =>
        (alone.ColumnName ?? (entry.Kind == RowKind.Delete || alone is { DataTypeName: null, ConstraintName: not null } ? null : await FindColumnAsync(entry, stop).ConfigureAwait(false))) is { } column ? $", column {column}" : "";

    private async Task<string?> FindColumnAsync(RowFold.Entry entry, CancellationToken stop)
    {
        for (var i = 0; i < writer.Table.Columns.Count; i++)
        {
            var (column, text) = (i, writer.ValueText(entry, i));
            if (text is not null && await TryAsync(() => TryValueAsync(column, text, stop), stop).ConfigureAwait(false) is not null) return writer.Table.Columns[i].Name;
        }

        return null;
    }

    private async Task TryValueAsync(int column, string text, CancellationToken stop)
    {
        await using (var create = new NpgsqlCommand(writer.Sql.CreateTry(column), connection, transaction)) await create.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        await using var insert = new NpgsqlCommand(writer.Sql.Try(column), connection, transaction) { Parameters = { new NpgsqlParameter { Value = text, NpgsqlDbType = NpgsqlDbType.Text } } };
        await insert.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
    }

    // Nothing of a try stays.
    private async Task<PostgresException?> TryAsync(Func<Task> act, CancellationToken stop)
    {
        await transaction.SaveAsync(Savepoint, stop).ConfigureAwait(false);
        PostgresException? refused = null;
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (PostgresException e) when (TargetFaults.IsOfRow(e))
        {
            refused = e;
        }

        await transaction.RollbackAsync(Savepoint, stop).ConfigureAwait(false);
        return refused;
    }

    private BadDataException Tell(string key, string column, PostgresException e) => new(
        $"The target refuses a row for table {writer.Table.FullName}{key}{column}: {Reason(e)}. "
        + "Change the table so that it takes the row, or correct the row at its source; or let such rows go to dead letters (dead-letters), and go on.", e);

    private static string Reason(PostgresException e) => $"{e.MessageText} ({e.SqlState}){(e.ConstraintName is { } constraint ? $", constraint {constraint}" : "")}";
}
