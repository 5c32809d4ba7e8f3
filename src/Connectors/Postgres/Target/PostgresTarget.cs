using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Equal options make equal factories.</summary>
internal sealed record PostgresTargetFactory(PostgresTargetOptions Options) : ITargetFactory
{
    public string Name => Options.Name;

    public ITarget Open(TargetContext context) => new PostgresTarget(Options, context);
}

/// <summary>One database as a target: every delivery is one transaction, with the marker in the pipeline's row of <c>pathway.progress</c>.</summary>
/// <remarks>Invariant: while there is a session, our generation stands in that row as far as we know, and no transaction is open between calls.</remarks>
internal sealed class PostgresTarget(PostgresTargetOptions options, TargetContext context) : ITarget
{
    private readonly ProgressTable _progress = new(options, context.PipelineName, context.Logger);
    private readonly HashSet<string> _met = [.. context.Destinations];
    private TargetSession? _session;

    public string Name => options.Name;

    public string Description => $"PostgreSQL {options.Place}";

    public Guarantee Guarantee => Guarantee.ExactlyOnce;

    public TransactionLimits Limits => options.Limits;

    public async ValueTask<Marker?> ReadMarkerAsync(DeliveredMarker? recorded, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
            return await _progress.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (TargetFaults.IsOfServer(e))
        {
            throw TargetFaults.Told(e, options);
        }
    }

    public async ValueTask<Marker?> ClaimAsync(DeliveredMarker? recorded, CancellationToken cancellationToken)
    {
        await DiscardAsync().ConfigureAwait(false);
        NpgsqlConnection? connection = null;
        try
        {
            connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
            await _progress.EnsureAsync(connection, cancellationToken).ConfigureAwait(false);
            // Looked at before anybody is fenced: a start that can't succeed throws nobody out.
            var tables = await TargetTables.EnsureAsync(connection, options, [.. _met], context.Logger, cancellationToken).ConfigureAwait(false);
            var letters = options.DeadLetters is null ? null : new DeadLetterTable(options, context.PipelineName);
            if (letters is not null) await letters.OpenAsync(connection, cancellationToken).ConfigureAwait(false);
            var (generation, marker) = await _progress.ClaimAsync(connection, () => OpenAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
            FailPoint.Hit(FailPoints.ClaimAfterMarkerRead);
            _session = new TargetSession(connection, options, _progress, generation, marker, tables, _met, letters, context.Logger);
            connection = null;
            return marker;
        }
        catch (Exception e) when (TargetFaults.IsOfServer(e))
        {
            throw TargetFaults.Told(e, options);
        }
        finally
        {
            if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask<DeliveredMarker> DeliverAsync(IDeliveryBatch batch, CancellationToken cancellationToken)
    {
        Check.That(_session is not null);
        var session = _session;
        try
        {
            return await session.DeliverAsync(batch, Name, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await DiscardAsync().ConfigureAwait(false);
            if (!TargetFaults.IsOfServer(e)) throw;
            var told = TargetFaults.Told(e, options);
            if (told is ConnectorException { IsTransient: true } && await IsFencedAsync(session.Generation, cancellationToken).ConfigureAwait(false)) throw ProgressTable.Fenced(Description, e);
            throw told;
        }
    }

    public async ValueTask DisposeAsync() => await DiscardAsync().ConfigureAwait(false);

    /// <summary>A successor ends our connection when it waits for us: then the row tells that it wasn't the network.</summary>
    private async Task<bool> IsFencedAsync(long generation, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
            return await _progress.ReadGenerationAsync(connection, cancellationToken).ConfigureAwait(false) is { } now && now != generation;
        }
        catch (Exception e) when (TargetFaults.IsOfServer(e))
        {
            return false; // the next claim will tell
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(options.SqlConnection);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task DiscardAsync()
    {
        var session = _session;
        _session = null;
        if (session is not null) await session.DisposeAsync().ConfigureAwait(false);
    }
}
