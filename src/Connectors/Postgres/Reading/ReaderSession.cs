using Npgsql;
using Npgsql.Replication;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>What a reader remembers from connection to connection: the position handed on, how much of an outsized transaction, and the initial load.</summary>
internal sealed class ReaderSession(PostgresOptions options, SourceDemand demand, IReadOnlyList<ITableInput> inputs, SourceContext context) : IAsyncDisposable
{
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(10);
    private readonly SliceBuilder _slice = new(inputs);
    private StreamExtras _extras = null!; // of the slices' builder
    private readonly NpgsqlDataSource _catalog = NpgsqlDataSource.Create(options.SqlConnection);
    private PgOutputDecoder _decoder = null!; // made anew with each connection: the server describes every table again
    private PositionText _text = null!;
    private InitialLoad? _load;
    private Lsn _end; // of the last transaction in the slice
    private PgTransaction? _outsized; // the transaction of which parts were handed on, and how many of its changes
    private long _handedOn, _skip, _changes;

    /// <summary>Where the last slice ended; null before the first connection.</summary>
    public PostgresPosition? Position { get; private set; }

    /// <summary>Whether parts of a transaction were handed on whose end wasn't.</summary>
    public bool IsMidway => _handedOn > 0;

    /// <summary>A connection was made that streams behind <paramref name="position"/>.</summary>
    public void Begin(PostgresPosition position)
    {
        (Position, _end) = (position, position.Lsn);
        _text = new PositionText(position);
        _extras ??= new StreamExtras(_slice, options.HeartbeatEvery, context.Time);
        _decoder = new PgOutputDecoder(new PgCatalog(_catalog), _decoder?.End ?? (context.Resume is null ? null : position.Lsn));
        _slice.Drop();
        _load ??= position.Load is { } progress ? new InitialLoad(options, demand, progress, context) : null;
        _load?.Reset();
        _slice.IsLoading = _load is not null;
        (_skip, _changes) = (_handedOn, 0);
    }

    /// <summary>Hands on what the stream gives until <paramref name="stop"/>.</summary>
    public async Task StreamAsync(ReplicationStream stream, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (_load is { WantsChunk: true } load && !_decoder.IsInTransaction)
            {
                await HandOnAsync(stop).ConfigureAwait(false);
                if (!await load.ReadChunkAsync(stop).ConfigureAwait(false)) await ProgressAsync(stop).ConfigureAwait(false);
                continue;
            }

            if (await stream.NextAsync(_extras.Wait(IdleAfter), stop).ConfigureAwait(false) is { } message) await TakeAsync(message, stop).ConfigureAwait(false);
            else if (!stop.IsCancellationRequested) await FollowIdleServerAsync(stream, stop).ConfigureAwait(false);

            if (!_decoder.IsInTransaction)
            {
                if (_end > Position!.Lsn && (_slice.Bytes >= options.SliceBytes || !stream.IsAtHand)) await HandOnAsync(stop).ConfigureAwait(false);
            }
            else if (_slice.Bytes >= options.SliceBytes)
            {
                await HandOnPartAsync(stop).ConfigureAwait(false);
            }

            if (_extras.IsBeatDue && !_decoder.IsInTransaction && _load is null) await BeatAsync(stop).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _slice.Drop();
        if (_load is not null) await _load.DisposeAsync().ConfigureAwait(false);
        await _catalog.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask TakeAsync(XLogDataMessage message, CancellationToken stop)
    {
        var bytes = _slice.Take((int)message.Data.Length);
        await message.Data.ReadExactlyAsync(bytes, stop).ConfigureAwait(false);
        var start = new Lsn((ulong)message.WalStart);
        switch (_decoder.Decode(bytes, start))
        {
            case PgMessageKind.Insert or PgMessageKind.Update or PgMessageKind.Delete or PgMessageKind.Truncate:
                TakeChanges();
                break;
            case PgMessageKind.Message when _decoder.Message.IsTransactional:
                _load?.MeetMessage(_decoder.Message);
                if (_extras.Wants(_decoder.Message) && ++_changes > _skip) _extras.AddMessage(_decoder, start);
                break;
            case PgMessageKind.Message:
                if (_extras.Wants(_decoder.Message)) _extras.AddMessage(_decoder, start);
                _end = _decoder.End!.Value; // a place of its own: from the earlier commit's end it would come again
                break;
            case PgMessageKind.Begin:
                _changes = 0;
                _slice.SourceTime = DateTimeOffset.UnixEpoch.AddTicks(_decoder.Transaction!.CommitMicros * 10);
                RefuseOtherTransaction();
                if (_skip == 0) _extras.AddBegin(_decoder, start);
                break;
            case PgMessageKind.Commit:
                _end = _decoder.End!.Value;
                _extras.AddCommit(_decoder);
                (_outsized, _handedOn, _skip) = (null, 0, 0);
                _load?.MeetCommit(_slice, _end, _end);
                break;
        }
    }

    private void TakeChanges()
    {
        _changes++;
        if (_skip >= _changes) return; // handed on before the connection was lost
        foreach (ref readonly var change in _decoder.Changes) _slice.Add(_load is null ? change : _load.Meet(change));
    }

    // In the middle of an outsized transaction a new connection has to begin with that very transaction.
    private void RefuseOtherTransaction()
    {
        if (_skip == 0 || (_outsized is { } outsized && outsized.Xid == _decoder.Transaction!.Xid && outsized.CommitLsn == _decoder.Transaction.CommitLsn)) return;
        throw new ConnectorException($"After a reconnect in the middle of transaction {_outsized?.Xid} the server sent transaction {_decoder.Transaction!.Xid}. The process has to start again; nothing of the half transaction was committed.");
    }

    private async ValueTask HandOnAsync(CancellationToken stop)
    {
        if (_end <= Position!.Lsn) return;
        Position = Position with { Lsn = _end, Load = _load?.Progress };
        await context.Input.WriteAsync(_slice.Build(_text.Of(Position), endsTransaction: true), stop).ConfigureAwait(false);
        if (_load is not null) FailPoint.Hit(FailPoints.LoadAfterChunkEmit);
        await EndLoadAsync().ConfigureAwait(false);
    }

    // Even where the position stays: that it was alive is all that a heartbeat says.
    private async ValueTask BeatAsync(CancellationToken stop)
    {
        _extras.AddHeartbeat(_end);
        if (_end > Position!.Lsn) await HandOnAsync(stop).ConfigureAwait(false);
        else await context.Input.WriteAsync(_slice.Build(_text.Of(Position), endsTransaction: true), stop).ConfigureAwait(false);
    }

    private async ValueTask HandOnPartAsync(CancellationToken stop)
    {
        (_outsized, _handedOn) = (_decoder.Transaction, _changes);
        await context.Input.WriteAsync(_slice.Build(_text.Of(Position!), endsTransaction: false), stop).ConfigureAwait(false);
    }

    // The load went past an empty table: nothing to hand on but the position.
    private async ValueTask ProgressAsync(CancellationToken stop)
    {
        Position = Position! with { Load = _load!.Progress };
        await context.Input.WriteAsync(_slice.Build(_text.Of(Position), endsTransaction: true), stop).ConfigureAwait(false);
        await EndLoadAsync().ConfigureAwait(false);
    }

    private async ValueTask EndLoadAsync()
    {
        if (_load is not { Progress: null } load) return;
        (_load, _slice.IsLoading) = (null, false);
        await load.DisposeAsync().ConfigureAwait(false);
    }

    // Nothing came for a while, nothing is open and nothing waits: what the server has sent has been handed on, so that the position can follow it and quiet tables don't hold WAL back.
    private async ValueTask FollowIdleServerAsync(ReplicationStream stream, CancellationToken stop)
    {
        if (_decoder.IsInTransaction || stream.Received <= _end) return;
        _end = stream.Received;
        await HandOnAsync(stop).ConfigureAwait(false);
    }
}
