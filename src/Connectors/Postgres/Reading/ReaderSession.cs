using Npgsql;
using Npgsql.Replication;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>What a reader remembers from connection to connection: the position handed on, how much of an outsized transaction, and the initial load.</summary>
internal sealed class ReaderSession(PostgresOptions options, SourceDemand demand, IReadOnlyList<ITableInput> inputs, SourceContext context) : IAsyncDisposable
{
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(10), HandOnEvery = TimeSpan.FromMilliseconds(100);
    private static readonly Task Never = new TaskCompletionSource().Task;
    private readonly SliceBuilder _slice = new(inputs);
    private StreamExtras _extras = null!; // of the slices' builder
    private readonly NpgsqlDataSource _catalog = NpgsqlDataSource.Create(options.CatalogConnection);
    private readonly StreamedTransactions _streamed = new(context.Scratch);
    private PgOutputDecoder _decoder = null!; // made anew with each connection: the server describes every table again
    private PositionText _text = null!;
    private TableWatch _watch = null!; // over the catalog's connections
    private InitialLoad? _load;
    private Lsn _end; // of the last transaction in the slice
    private PgTransaction? _outsized; // the transaction of which parts were handed on, and how many of its changes
    private long _handedOn, _skip, _changes, _handedOnAt;

    /// <summary>Where the last slice ended; null before the first connection.</summary>
    public PostgresPosition? Position { get; private set; }

    /// <summary>Whether parts of a transaction were handed on whose end wasn't.</summary>
    public bool IsMidway => _handedOn > 0;

    /// <summary>A connection was made that streams behind <paramref name="position"/>.</summary>
    public void Begin(PostgresPosition position)
    {
        (Position, _end) = (position, position.Lsn);
        _text = new PositionText(position);
        _watch ??= new TableWatch(options, demand, _catalog, context);
        _extras ??= new StreamExtras(_slice, options.HeartbeatEvery, context.Time);
        _decoder = new PgOutputDecoder(new StreamCatalog(_catalog), _decoder?.End ?? (context.Resume is null ? null : position.Lsn));
        _slice.Drop();
        _streamed.Drop();
        _load ??= position.Load is { } progress ? new InitialLoad(options, demand, position.Tables, progress, context) : null;
        _load?.Reset();
        _slice.IsLoading = _load is not null;
        (_skip, _changes) = (_handedOn, 0);
    }

    /// <summary>Hands on what the stream gives until <paramref name="stop"/>.</summary>
    public async Task StreamAsync(ReplicationStream stream, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!_decoder.IsInTransaction) await FollowDemandAsync(stop).ConfigureAwait(false);
            var wait = _load?.Wait ?? TimeSpan.MaxValue;
            if (wait == TimeSpan.Zero && !_decoder.IsInTransaction)
            {
                await HandOnAsync(stop).ConfigureAwait(false);
                if (!await _load!.ReadChunksAsync(_slice, _end, stop).ConfigureAwait(false)) await ProgressAsync(stop).ConfigureAwait(false);
                continue;
            }

            wait = wait < IdleAfter && wait > TimeSpan.Zero ? wait : IdleAfter;
            if (await stream.NextAsync(_extras.Wait(wait), options.Commands?.Asked ?? Never, stop).ConfigureAwait(false) is { } message) await TakeAsync(message, stop).ConfigureAwait(false);
            else if (!stop.IsCancellationRequested && wait == IdleAfter) await FollowIdleServerAsync(stream, stop).ConfigureAwait(false);

            if (!_decoder.IsInTransaction)
            {
                if (_end > Position!.Lsn && (_slice.Bytes >= options.SliceBytes || _streamed.IsInBlock || !stream.IsAtHand || context.Time.GetElapsedTime(_handedOnAt) >= HandOnEvery)) await HandOnAsync(stop).ConfigureAwait(false);
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
        _streamed.Dispose();
        if (_load is not null) await _load.DisposeAsync().ConfigureAwait(false);
        await _catalog.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask TakeAsync(XLogDataMessage message, CancellationToken stop)
    {
        var (length, start) = ((int)message.Data.Length, new Lsn((ulong)message.WalStart));
        var bytes = _streamed.IsInBlock ? _streamed.Room(length) : _slice.Take(length);
        await message.Data.ReadExactlyAsync(bytes, stop).ConfigureAwait(false);
        if (_streamed.IsInBlock) _streamed.Take(bytes.Span, start);
        else if (!_streamed.TryTake(bytes.Span, start, out var ended)) Take(bytes, start);
        else if (ended is not null) await TakeStreamedAsync(ended, stop).ConfigureAwait(false);
    }

    // A transaction that was streamed is taken like any other, from its file.
    private async ValueTask TakeStreamedAsync(StreamedTransactions.Ended ended, CancellationToken stop)
    {
        using var transaction = ended.Transaction;
        transaction.Rewind();
        Take(ended.Begin, transaction.Start);
        while (transaction.Next(out var length, out var start))
        {
            var bytes = _slice.Take(length);
            transaction.Read(bytes.Span);
            Take(bytes, start);
            if (_slice.Bytes >= options.SliceBytes) await HandOnPartAsync(stop).ConfigureAwait(false);
        }

        Take(ended.Commit, _decoder.Transaction!.CommitLsn);
    }

    private void Take(ReadOnlyMemory<byte> bytes, Lsn start)
    {
        switch (_decoder.Decode(bytes, start))
        {
            case PgMessageKind.Insert or PgMessageKind.Update or PgMessageKind.Delete or PgMessageKind.Truncate:
                TakeChanges();
                break;
            case PgMessageKind.Relation:
                _watch.LookSoon(); // a table is described again when it changed, or what is published of it
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
        (Position, _handedOnAt) = (Position with { Lsn = _end, Load = _load?.Progress }, context.Time.GetTimestamp());
        await context.Input.WriteAsync(_slice.Build(_text.Of(Position), endsTransaction: true), stop).ConfigureAwait(false);
        if (_load is not null) FailPoint.Hit(FailPoints.LoadAfterChunkEmit);
        await EndLoadAsync(stop).ConfigureAwait(false);
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
        await EndLoadAsync(stop).ConfigureAwait(false);
    }

    // What is to be loaded beside the tables of the first start: those that came later, and those that somebody asks for again.
    private async ValueTask FollowDemandAsync(CancellationToken stop)
    {
        if (_load is { Progress.Pending: null }) return; // the tables of the first start come first
        if (_watch.IsDue)
        {
            var (publication, published, added) = await _watch.LookAsync(Position!, stop).ConfigureAwait(false);
            if (added.Count > 0) await TakeUpAsync(added, stop).ConfigureAwait(false);
            if (Position!.Publication != publication.State!.Stamp || publication.LeftOut.Count > 0) await MakeGoodAsync(publication, published, stop).ConfigureAwait(false);
        }

        while (options.Commands?.TryTake(out var request) == true) await ReloadAsync(request, stop).ConfigureAwait(false);
    }

    private async Task TakeUpAsync(List<FoundTable> tables, CancellationToken stop)
    {
        await HandOnAsync(stop).ConfigureAwait(false);
        var known = Position!.Tables.Concat(tables.Select(t => KeyValuePair.Create(t.FullName, t.Identity.ToString()))).ToDictionary();
        foreach (var table in tables)
        {
            if (_watch.WhyNotLoaded(table) is { } reason)
            {
                context.Logger.TableAddedWithoutLoad(table.FullName, reason);
                continue;
            }

            context.Logger.TableAdded(table.FullName);
            Loading().Add(table.FullName, LoadCause.Added);
        }

        var parts = Position.Parts?.Concat(PostgresPosition.PartsOf(tables)).ToDictionary();
        var entries = Position.Entries?.Concat(PostgresPosition.EntriesOf(tables)).ToDictionary();
        await SettleAsync(Position with { Tables = known, Parts = parts, Entries = entries }, stop).ConfigureAwait(false);
    }

    // What was written while a table wasn't published, or not in full, was never sent: the table says what became of it.
    private async Task MakeGoodAsync(PublicationCheck publication, List<FoundTable> published, CancellationToken stop)
    {
        await HandOnAsync(stop).ConfigureAwait(false);
        foreach (var table in published.Where(t => publication.LeftOut.Contains(t.FullName)))
        {
            if (_watch.WhyNotLoaded(table) is { } reason)
            {
                context.Logger.ChangesLeftOut(table.FullName, options.PublicationName, reason);
                continue;
            }

            context.Logger.LoadingWhatWasLeftOut(table.FullName, options.PublicationName);
            Loading().Add(table.FullName, LoadCause.Again);
        }

        await SettleAsync(Position! with { Publication = publication.State!.Stamp, Operations = publication.State.Operations, Entries = PostgresPosition.EntriesOf(published) }, stop).ConfigureAwait(false);
    }

    private async Task ReloadAsync(ReloadRequest request, CancellationToken stop)
    {
        await using var connection = await _catalog.OpenConnectionAsync(stop).ConfigureAwait(false);
        var table = (await FoundTable.FindAsync(connection, demand.Patterns, options.PublicationName, stop).ConfigureAwait(false)).Find(t => t.FullName == request.Table);
        var problem = table is null || !Position!.Tables.ContainsKey(request.Table) ? $"Table '{request.Table}' isn't read. Read are: {string.Join(", ", Position!.Tables.Keys.Order(StringComparer.Ordinal))}."
            : !table.HasKey ? $"Table {request.Table} has no primary key, so that it can't be loaded while streaming goes on."
            : !table.CanSelect ? $"Table {request.Table} may not be read. Its owner gives the right: GRANT SELECT ON {table.Sql} TO the user."
            : null;
        if (problem is not null)
        {
            request.Answer.TrySetException(new ConfigurationException(problem));
            return;
        }

        await HandOnAsync(stop).ConfigureAwait(false);
        context.Logger.Reloading(request.Table);
        Loading().Add(request.Table, LoadCause.Again);
        await SettleAsync(Position!, stop).ConfigureAwait(false);
        request.Answer.TrySetResult($"Table {request.Table} is being loaded again; about {Math.Max(table!.Estimate, 0)} rows.");
    }

    private InitialLoad Loading()
    {
        _slice.IsLoading = true;
        return _load ??= new InitialLoad(options, demand, Position!.Tables, new LoadProgress([], 0), context);
    }

    // What was decided is durable before anything follows from it.
    private async Task SettleAsync(PostgresPosition position, CancellationToken stop)
    {
        Position = position with { Load = _load?.Progress };
        _text = new PositionText(Position);
        await context.Input.CommitAsync(_text.Of(Position), stop).ConfigureAwait(false);
    }

    private async ValueTask EndLoadAsync(CancellationToken stop)
    {
        if (_load is not { Progress: null } load) return;
        await using var ended = load.ConfigureAwait(false);
        (_load, _slice.IsLoading) = (null, false);
        await context.Input.CommitAsync(_text.Of(Position!), stop).ConfigureAwait(false);
        load.TellComplete();
    }

    // Nothing came for a while, nothing is open and nothing waits: what the server has sent has been handed on, so that the position can follow it and quiet tables don't hold WAL back.
    private async ValueTask FollowIdleServerAsync(ReplicationStream stream, CancellationToken stop)
    {
        if (_decoder.IsInTransaction || stream.Received <= _end) return;
        _end = stream.Received;
        await HandOnAsync(stop).ConfigureAwait(false);
    }
}
