using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Reads one replication slot: whole transactions as slices, the initial load between them, its own reconnects.</summary>
/// <remarks>What it hands on never goes back: after a lost connection it goes on behind the last slice, in the middle of an outsized transaction behind the last part.</remarks>
internal sealed class PostgresReader(PostgresOptions options, IReadOnlyList<IPostgresSource> sources) : ISourceReader
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private readonly IReadOnlyList<ITableInput> _inputs = [.. sources.Select(s => s.Open())];
    private readonly SourceDemand _demand = SourceDemand.Of(sources);
    private int? _sender; // the server's process that streams to us, or last did
    private PostgresPosition? _begun; // how far the beginning is durable, should the connection be lost in the middle of it: what the server made since is ours
    private bool _abandoned; // the lost slot was given up in this run
    private ReplicationStream? _stream; // the one that streams; kept open after a stop, so that the last confirmation can still be sent

    /// <inheritdoc/>
    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        var position = context.Resume is { } resume ? PostgresPosition.Parse(resume) : null;
        await using var session = new ReaderSession(options, _demand, _inputs, context);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watching = new WalWatch(options, context).RunAsync(ended.Token);
        try
        {
            await RunAsync(session, position, context, stop).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(ReaderSession session, PostgresPosition? position, SourceContext context, CancellationToken stop)
    {
        var since = context.Time.GetTimestamp();
        for (var failures = 0; ; failures++)
        {
            try
            {
                position = await ConnectAsync(position, session.IsMidway, context, stop).ConfigureAwait(false);
                if (failures > 0) context.Logger.Connected(options.Place, position.Lsn);
                session.Begin(position);
                (failures, since) = (0, 0);
                await session.StreamAsync(_stream!, stop).ConfigureAwait(false);
                return; // asked to stop; the connection stays for the last confirmation
            }
            catch (Exception e) when (e is not OperationCanceledException && !stop.IsCancellationRequested)
            {
                position = session.Position ?? _begun ?? position;
                if (since == 0) since = context.Time.GetTimestamp();
                await DisconnectAsync().ConfigureAwait(false);
                if (!PostgresFaults.IsTransient(e) || (options.GiveUpAfter is { } limit && context.Time.GetElapsedTime(since) >= limit))
                {
                    if (PostgresFaults.Told(e, options) is var told && told != e) throw told;
                    throw; // with the place where it happened
                }

                var delay = TimeSpan.FromSeconds(Math.Min(LongestWait.TotalSeconds, 0.25 * Math.Pow(2, Math.Min(failures, 10))));
                context.Logger.Lost(delay, PostgresFaults.Told(e, options).Message);
                await Task.Delay(delay, context.Time, stop).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public void Acknowledge(Position position)
    {
        var parsed = PostgresPosition.Parse(position);
        if (parsed.Intended) return;
        _stream?.Confirm(parsed.Lsn);
    }

    /// <inheritdoc/>
    public string Describe(Position position)
    {
        var parsed = PostgresPosition.Parse(position);
        return parsed switch
        {
            { Intended: true } => "before the replication slot was made",
            { Load: { Pending: null } } => $"LSN {parsed.Lsn}, before the initial load",
            { Load: { Pending: [var first, ..] } load } => $"LSN {parsed.Lsn}, load at {first.Table}, {load.Pending!.Count} tables to go, {load.Rows} rows loaded",
            _ => $"LSN {parsed.Lsn}",
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stream is { } stream)
        {
            using var within = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                await stream.FlushAsync(within.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or OperationCanceledException or InvalidOperationException)
            {
                // The last confirmation is a courtesy: without it the slot holds a little more WAL until the next start.
            }
        }

        await DisconnectAsync().ConfigureAwait(false);
    }

    private async Task<PostgresPosition> ConnectAsync(PostgresPosition? position, bool isMidway, SourceContext context, CancellationToken stop)
    {
        var start = new SourceStart(options, _demand, _inputs, context);
        var stream = await ReplicationStream.ConnectAsync(options, stop).ConfigureAwait(false);
        try
        {
            if (options.LoadAgain && !_abandoned && position is { Intended: false })
            {
                position = _begun = await start.AbandonAsync(stream, position, stop).ConfigureAwait(false);
                _abandoned = true;
            }

            if (position is null or { Intended: true }) position = await start.BeginAsync(stream, position, stop).ConfigureAwait(false);
            else position = await ResumeAsync(stream, position, isMidway, context, stop).ConfigureAwait(false);
            FailPoint.Hit(FailPoints.SourceBeforeStream);
            await EndPredecessorAsync(position, context, stop).ConfigureAwait(false);
            stream.Start(options.SlotName, options.PublicationName, position.Lsn);
            _ = stream.IsAtHand; // sends START_REPLICATION
            await HeldAsync(stream, start, position, stop).ConfigureAwait(false);
            _stream = stream;
            context.Streaming();
            return position;
        }
        catch
        {
            _begun = start.Durable ?? _begun;
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // After a failover that lost nothing the place on the new timeline is durable before anything of it is read.
    private async Task<PostgresPosition> ResumeAsync(ReplicationStream stream, PostgresPosition position, bool isMidway, SourceContext context, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(options.SqlConnection);
        await connection.OpenAsync(stop).ConfigureAwait(false);
        var found = await new ResumeCheck(options, _demand).RunAsync(stream, connection, position, stop).ConfigureAwait(false);
        if (found == position) return position;
        if (isMidway) throw new ConnectorException("The server was replaced by a promoted standby in the middle of a large transaction. The process has to start again; nothing of the half transaction was committed.");
        context.Logger.FailedOver(options.Place, position.Timeline, found.Timeline, found.Lsn);
        await context.Input.CommitAsync(found.ToPosition(), stop).ConfigureAwait(false);
        return found;
    }

    // The slot is ours when the server says that somebody holds it and our stream hasn't failed.
    private async Task HeldAsync(ReplicationStream stream, SourceStart start, PostgresPosition position, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(options.SqlConnection);
        await connection.OpenAsync(stop).ConfigureAwait(false);
        while (true)
        {
            if (await SlotState.FindAsync(connection, options.SlotName, stop).ConfigureAwait(false) is { ActivePid: { } pid })
            {
                _sender = pid;
                break;
            }

            if (stream.IsAtHand) break; // a first message, or the failure, which the first read throws
            await Task.Delay(5, stop).ConfigureAwait(false);
        }

        await start.CheckHeldSlotAsync(position, stop).ConfigureAwait(false);
    }

    // A predecessor that was killed leaves its WAL sender behind until the server notices; at our first connection it can be ended: the target was claimed, so that we are the one who goes on.
    // Later only a sender of our own is: another one may be that of a copy which took over while we were frozen, and the next delivery or the slot's position tells us so.
    private async Task EndPredecessorAsync(PostgresPosition position, SourceContext context, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(options.SqlConnection);
        await connection.OpenAsync(stop).ConfigureAwait(false);
        var since = context.Time.GetTimestamp();
        for (var ended = false; ;)
        {
            var slot = await SlotState.FindAsync(connection, options.SlotName, stop).ConfigureAwait(false);
            SlotState.RefuseUnlessOurs(slot, position, options);
            if (slot is not { ActivePid: { } pid }) return;
            if (!ended && (_sender is null || _sender == pid) && context.Time.GetElapsedTime(since) > TimeSpan.FromSeconds(1))
            {
                context.Logger.EndingHolder(options.SlotName, pid);
                await using var end = new NpgsqlCommand("SELECT pg_terminate_backend($1)", connection) { Parameters = { new NpgsqlParameter { Value = pid } } };
                await end.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
                ended = true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), context.Time, stop).ConfigureAwait(false);
        }
    }

    private async Task DisconnectAsync()
    {
        if (_stream is not { } stream) return;
        _stream = null;
        await stream.DisposeAsync().ConfigureAwait(false);
    }
}
