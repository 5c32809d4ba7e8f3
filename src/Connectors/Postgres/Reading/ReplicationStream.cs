using Npgsql.Replication;
using Npgsql.Replication.Internal;
using Npgsql.Replication.PgOutput;
using NpgsqlTypes;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>One replication connection that streams a slot: raw messages in, confirmations out.</summary>
internal sealed class ReplicationStream : IAsyncDisposable
{
    private readonly LogicalReplicationConnection _connection;
    private readonly CancellationTokenSource _stop = new();
    private IAsyncEnumerator<XLogDataMessage>? _messages;
    private Task<bool>? _pending;

    private ReplicationStream(LogicalReplicationConnection connection) => _connection = connection;

    /// <summary>The last place that the server named, also while there is nothing to send.</summary>
    public Lsn Received => new((ulong)_connection.LastReceivedLsn);

    /// <summary>What the server says of itself.</summary>
    public required string System { get; init; }

    /// <summary>The cluster's timeline.</summary>
    public required uint Timeline { get; init; }

    /// <summary>The server's place in its WAL when we connected.</summary>
    public required Lsn ServerAt { get; init; }

    /// <summary>Connects, without streaming yet.</summary>
    public static async Task<ReplicationStream> ConnectAsync(PostgresOptions options, CancellationToken stop)
    {
        var connection = new LogicalReplicationConnection(options.ReplicationConnection) { WalReceiverStatusInterval = TimeSpan.FromSeconds(1) };
        try
        {
            await connection.Open(stop).ConfigureAwait(false);
            var system = await connection.IdentifySystem(stop).ConfigureAwait(false);
            return new ReplicationStream(connection) { System = system.SystemId, Timeline = system.Timeline, ServerAt = new Lsn((ulong)system.XLogPos) };
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes a permanent slot; returns its consistent point, and the name of the snapshot of that moment, which is good until this connection's next command.</summary>
    public async Task<(Lsn At, string Snapshot)> CreateSlotAsync(string slot, CancellationToken stop)
    {
        _connection.CommandTimeout = TimeSpan.FromDays(1); // waits for all transactions that run now
        var made = await _connection.CreatePgOutputReplicationSlot(slot, slotSnapshotInitMode: LogicalSlotSnapshotInitMode.Export, cancellationToken: stop).ConfigureAwait(false);
        return (new Lsn((ulong)made.ConsistentPoint), made.SnapshotName ?? "");
    }

    /// <summary>Begins to stream behind <paramref name="from"/>.</summary>
    public void Start(string slot, string publication, Lsn from)
    {
        // Npgsql quotes the options' values; names of publications are quoted within theirs. Slot names need none: they were checked.
        var options = new Dictionary<string, string?> { ["proto_version"] = "2", ["streaming"] = "on", ["publication_names"] = $"\"{publication}\"", ["messages"] = "true" };
        _messages = _connection.StartLogicalReplication(new PgOutputReplicationSlot(slot), _stop.Token, new NpgsqlLogSequenceNumber(from.Value), options).GetAsyncEnumerator(_stop.Token);
        _connection.SetReplicationStatus(new NpgsqlLogSequenceNumber(from.Value));
    }

    /// <summary>Whether the next message is at hand, so that <see cref="NextAsync"/> doesn't wait.</summary>
    public bool IsAtHand
    {
        get
        {
            _pending ??= Next();
            return _pending.IsCompleted;
        }
    }

    /// <summary>The next message; null when <paramref name="within"/> has passed, <paramref name="wake"/> is complete, or <paramref name="stop"/> is asked for. Its data has to be read before the next call.</summary>
    public async ValueTask<XLogDataMessage?> NextAsync(TimeSpan within, Task wake, CancellationToken stop)
    {
        _pending ??= Next();
        if (!_pending.IsCompleted)
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var ended = await Task.WhenAny(_pending, Task.Delay(within, wait.Token), wake).ConfigureAwait(false);
            await wait.CancelAsync().ConfigureAwait(false);
            if (ended != _pending) return null;
        }

        var pending = _pending;
        _pending = null;
        return await pending.ConfigureAwait(false) ? _messages!.Current : throw new ConnectorException("The server ended the replication stream.") { IsTransient = true };
    }

    /// <summary>The server may forget what lies before <paramref name="lsn"/>; it is told within a second.</summary>
    public void Confirm(Lsn lsn) => _connection.SetReplicationStatus(new NpgsqlLogSequenceNumber(lsn.Value));

    /// <summary>Tells the server the last confirmation now.</summary>
    public Task FlushAsync(CancellationToken stop) => _messages is null ? Task.CompletedTask : _connection.SendStatusUpdate(stop);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_pending is not null) await ((Task)_pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            if (_messages is not null) await _messages.DisposeAsync().ConfigureAwait(false);
            await _connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The connection was broken or is being ended by us: there is nothing left to close.
        }

        _stop.Dispose();
    }

    private Task<bool> Next() => _messages!.MoveNextAsync().AsTask();
}
