using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>One connection to the target, from its claim to its first fault: delivers transaction after transaction.</summary>
internal sealed class TargetSession(
    NpgsqlConnection connection, PostgresTargetOptions options, ProgressTable progress, long generation, Marker? marker, IReadOnlyDictionary<string, ResolvedTable> tables, ISet<string> met, DeadLetterTable? letters, ILogger logger)
    : IAsyncDisposable
{
    /// <summary>Above so many bytes in all tables together, all are flushed.</summary>
    private const long WaitingBytes = 64 << 20;

    private const string Savepoint = "pathway";

    private readonly Dictionary<string, TableWriter> _writers = new(StringComparer.Ordinal);
    private readonly List<TableWriter> _waiting = []; // in the order in which they were met
    private Marker? _marker = marker;
    private string? _lastDestination;
    private TableWriter? _lastWriter;
    private TableWriter? _full; // to be flushed next
    private bool _sent;

    /// <summary>Our generation in the progress table.</summary>
    public long Generation => generation;

    /// <summary>Delivers one transaction, marker last.</summary>
    public async Task<DeliveredMarker> DeliverAsync(IDeliveryBatch batch, string name, CancellationToken stop)
    {
        var (elapsed, rows, bytes) = (Stopwatch.StartNew(), 0L, 0L);
        await using var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        if (!await progress.LockAsync(connection, transaction, generation, stop).ConfigureAwait(false)) throw ProgressTable.Fenced(options.ToString());
        _sent = false;
        var refused = letters is null ? null : new RefusedRows(connection, transaction, letters, logger);
        while (Fill(batch, ref rows, ref bytes, stop) is { } full) await FlushAsync(transaction, full, refused, stop).ConfigureAwait(false);
        await FlushAllAsync(transaction, refused, stop).ConfigureAwait(false);
        FailPoint.Hit(FailPoints.DeliverBeforeMarker);
        var marker = batch.Marker;
        Check.That(marker.Target == name);
        var putAside = letters is null ? 0 : await letters.PlaceAsync(connection, marker, stop).ConfigureAwait(false);
        if (!await progress.AdvanceAsync(connection, transaction, generation, _marker, marker, stop).ConfigureAwait(false)) throw ProgressTable.Fenced(options.ToString());
        FailPoint.Hit(FailPoints.DeliverBeforeCommit);
        await CommitAsync(transaction, stop).ConfigureAwait(false);
        FailPoint.Hit(FailPoints.DeliverAfterCommit);
        _marker = marker;
        DeadLetterCount.Add(putAside, name);
        logger.TargetCommitted(options.Name, rows, bytes, elapsed.Elapsed);
        return new DeliveredMarker(marker);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    // What is checked only now can't be told to a row, so that it can't become a dead letter either.
    private async Task CommitAsync(NpgsqlTransaction transaction, CancellationToken stop)
    {
        try
        {
            await transaction.CommitAsync(stop).ConfigureAwait(false);
        }
        catch (PostgresException e) when (TargetFaults.IsOfRow(e))
        {
            throw new BadDataException(
                $"PostgreSQL {options.Place} refuses a transaction at its end: {e.MessageText}{(e.Detail is { } detail ? $". {detail.TrimEnd('.')}" : "")} (table {e.SchemaName}.{e.TableName}, constraint {e.ConstraintName}, {e.SqlState}). "
                + "Nothing of it is visible. A constraint that is checked so late (DEFERRABLE INITIALLY DEFERRED, a constraint trigger) concerns several rows and can't be told to one: correct what it misses, or drop it from the target.", e);
        }
    }

    /// <summary>Takes rows until a table has to be flushed; null at the end.</summary>
    private TableWriter? Fill(IDeliveryBatch batch, ref long rows, ref long bytes, CancellationToken stop)
    {
        if (_full is { } full)
        {
            _full = null;
            return full;
        }

        while (batch.TryRead(out var row))
        {
            if ((++rows & 0xFFF) == 0) stop.ThrowIfCancellationRequested();
            bytes += row.Key.Length + row.Value.Length;
            var writer = ReferenceEquals(row.Destination, _lastDestination) ? _lastWriter! : WriterOf(row.Destination, stop);
            var before = writer.IsEmpty ? _waiting.Find(w => w.Table.FullName == writer.Table.FullName) : null; // another version of the table: its rows came first
            if (writer.IsEmpty) _waiting.Add(writer);
            var isFull = writer.Add(row) || ((rows & 0xFF) == 0 && _waiting.Sum(w => (long)w.Rows.Length) > WaitingBytes);
            if (before is not null)
            {
                _full = isFull ? writer : null;
                return before;
            }

            if (isFull) return writer;
        }

        return null;
    }

    private TableWriter WriterOf(string destination, CancellationToken stop)
    {
        if (!_writers.TryGetValue(destination, out var writer))
        {
            // A table that wasn't known beforehand is created or checked within this transaction; the rows behind it wait.
            if (!tables.TryGetValue(destination, out var resolved))
            {
                resolved = TargetTables.EnsureAsync(connection, options, [destination], logger, stop).GetAwaiter().GetResult()[destination];
                met.Add(destination);
            }

            _writers.Add(destination, writer = new TableWriter(resolved, _writers.Count, options, logger));
        }

        (_lastDestination, _lastWriter) = (destination, writer);
        return writer;
    }

    private async Task FlushAllAsync(NpgsqlTransaction transaction, RefusedRows? refused, CancellationToken stop)
    {
        while (_waiting.Count > 0) await FlushAsync(transaction, _waiting[0], refused, stop).ConfigureAwait(false);
    }

    private async Task FlushAsync(NpgsqlTransaction transaction, TableWriter writer, RefusedRows? refused, CancellationToken stop)
    {
        if (refused?.Concern(writer) == true) await refused.WriteAsync(writer, stop).ConfigureAwait(false);
        else await FlushWholeAsync(transaction, writer, refused, stop).ConfigureAwait(false);
        _waiting.Remove(writer);
        if (!_sent) FailPoint.Hit(FailPoints.DeliverMidway);
        _sent = true;
    }

    private async Task FlushWholeAsync(NpgsqlTransaction transaction, TableWriter writer, RefusedRows? refused, CancellationToken stop)
    {
        // Back to here, where a row is refused and has to be found.
        await transaction.SaveAsync(Savepoint, stop).ConfigureAwait(false);
        try
        {
            await writer.FlushAsync(connection, stop).ConfigureAwait(false);
        }
        catch (PostgresException e) when (TargetFaults.IsOfRow(e))
        {
            await transaction.RollbackAsync(Savepoint, stop).ConfigureAwait(false);
            if (e.SqlState == PostgresErrorCodes.InvalidTextRepresentation && options.Tables == TableCreation.Create && await EnumLabels.AddMissingAsync(options, writer, logger, stop).ConfigureAwait(false))
            {
                writer.ForgetStage();
                await FlushWholeAsync(transaction, writer, refused, stop).ConfigureAwait(false);
                return;
            }

            if (refused is null) throw await new RefusedRow(connection, transaction, writer, e).FindAsync(stop).ConfigureAwait(false);
            await refused.WriteAsync(writer, stop).ConfigureAwait(false);
        }
    }
}
