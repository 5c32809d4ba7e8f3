using Microsoft.Extensions.Logging;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Delivers durable commits to one target, marker last in each transaction, and goes on behind the marker after every fault (I2, I3, I9).</summary>
/// <remarks>Order: <see cref="ClaimAsync"/>, <see cref="RunAsync"/> on its own task, <see cref="Release"/> from the commit writer's thread, <see cref="Finish"/>.</remarks>
public sealed class DeliveryLoop(ITarget target, DeliveryContext context) : IDisposable
{
    private readonly SemaphoreSlim _wake = new(0);
    private volatile DeliveredMarkerBox? _delivered;
    private volatile bool _finishing, _idle;
    private readonly TaskCompletionSource<CommitSummary> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Marker? _ahead;
    private OutputReader? _reader;
    private int _halvings;

    /// <summary>The target.</summary>
    public ITarget Target => target;

    /// <summary>The target's marker, while the target has more than we; else null. Until <see cref="Reached"/> nothing goes to it.</summary>
    public Marker? Ahead => _ahead;

    /// <summary>The newest marker that the target certainly has; null before the claim.</summary>
    public DeliveredMarker? Delivered => _delivered?.Marker;

    /// <summary>Rows delivered since the start.</summary>
    public long RowsDelivered => Interlocked.Read(ref _rowsDelivered);
    private long _rowsDelivered;

    /// <summary>Called, on the loop's task, after the marker moved.</summary>
    public Action Advanced { get; set; } = static () => { };

    /// <summary>Whether it waits for the next durable commit.</summary>
    public bool IsIdle => _idle;

    /// <summary>Called, on the loop's task, when it has become <see cref="IsIdle"/>.</summary>
    public Action BecameIdle { get; set; } = static () => { };

    /// <summary>Output that the target has yet to get.</summary>
    public long RowsUndelivered => Delivered is { } delivered ? context.Index.RowsAfter(delivered.Marker, target.Name) : 0;

    /// <summary>Takes the target over: fence, read the marker, decide, write the marker with our incarnation. Waits while the target can't be reached.</summary>
    /// <exception cref="RefusalException">The marker says that we may not.</exception>
    public Task ClaimAsync(DeliveredMarker? recorded, CancellationToken stop)
    {
        _delivered = recorded is { } marker ? new DeliveredMarkerBox(marker) : null;
        return RetryAsync(ClaimOnceAsync, (delay, e) => context.Logger.ClaimFailed(target.Name, delay, e.Message), stop);
    }

    /// <summary>A commit became durable: its output may go out.</summary>
    public void Release(DurableCommit commit)
    {
        Check.That(commit.Number != CommitNumber.None);
        _wake.Release();
    }

    /// <summary>Input was replayed up to where the target is: what follows <paramref name="commit"/> goes to it.</summary>
    public void Reached(CommitSummary commit)
    {
        Check.That(_ahead is not null);
        _reached.TrySetResult(commit);
        _wake.Release();
    }

    /// <summary>Lets <see cref="RunAsync"/> end as soon as everything durable is delivered.</summary>
    public void Finish()
    {
        _finishing = true;
        _wake.Release();
    }

    /// <summary>Delivers until <see cref="Finish"/> or <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var failed = false;
        if (_ahead is not null && !await TakeUpAsync(stop).ConfigureAwait(false)) return;
        while (!stop.IsCancellationRequested)
        {
            if (!await DeliverWhatIsThereAsync(stop).ConfigureAwait(false))
            {
                if (_finishing) return;
                await WaitAsync(stop).ConfigureAwait(false);
            }

            if (failed) context.Logger.DeliveryRecovered(target.Name, Delivered!.Value.Marker.Commit.Value);
            failed = false;
        }

        async Task<bool> DeliverWhatIsThereAsync(CancellationToken token)
        {
            var any = false;
            await RetryAsync(
                async cancellation =>
                {
                    if (_reader is null && failed) await ClaimOnceAsync(cancellation).ConfigureAwait(false);
                    any = await DeliverOnceAsync(cancellation).ConfigureAwait(false);
                },
                (delay, e) =>
                {
                    failed = true;
                    DropReader();
                    _halvings = Math.Min(_halvings + 1, 10);
                    context.Logger.DeliveryFailed(target.Name, delay, e.Message);
                },
                token).ConfigureAwait(false);
            return any;
        }
    }

    // Waits until input is replayed up to the target's marker, and puts ours in its place; false if it wasn't before the end.
    private async Task<bool> TakeUpAsync(CancellationToken stop)
    {
        while (!_reached.Task.IsCompleted)
        {
            if (_finishing) return false;
            await _wake.WaitAsync(stop).ConfigureAwait(false);
        }

        await RetryAsync(ClaimOnceAsync, (delay, e) => context.Logger.ClaimFailed(target.Name, delay, e.Message), stop).ConfigureAwait(false);
        return true;
    }

    // Woken by the next durable commit; the time is for the marker that moves on over commits without output.
    private async Task WaitAsync(CancellationToken stop)
    {
        if (_wake.CurrentCount == 0)
        {
            _idle = true;
            BecameIdle();
        }

        await _wake.WaitAsync(context.IdleMarkerEvery, stop).ConfigureAwait(false);
        while (_wake.CurrentCount > 0) await _wake.WaitAsync(stop).ConfigureAwait(false);
        _idle = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DropReader();
        _wake.Dispose();
    }

    // One transaction; false if there was nothing to deliver.
    private async Task<bool> DeliverOnceAsync(CancellationToken stop)
    {
        var marker = Delivered!.Value.Marker;
        var limits = target.Limits with { Rows = Math.Max(1, target.Limits.Rows >> _halvings), Bytes = Math.Max(1, target.Limits.Bytes >> _halvings) };
        if (DeliveryPlan.Until(context.Index, marker, limits) is not { } until) return await MoveIdleMarkerAsync(marker, stop).ConfigureAwait(false);
        _reader ??= new OutputReader(context.Log, target.Name, marker);
        FailPoint.Hit(FailPoints.DeliverBeforeBegin);
        var batch = new DeliveryBatch(_reader, marker, until, limits, context.Index, context.Time);
        Delivery(await target.DeliverAsync(batch, stop).ConfigureAwait(false));
        Interlocked.Add(ref _rowsDelivered, batch.Rows);
        _halvings = Math.Max(0, _halvings - 1);
        return true;
    }

    // Commits without output for this target need no transaction of their own; but what sources are told must be in the marker (a lost directory goes on from there).
    private async Task<bool> MoveIdleMarkerAsync(Marker marker, CancellationToken stop)
    {
        if (context.Index.Last is not { } last || last.Number <= marker.Commit || !marker.IsWhole) return false;
        if (!_finishing && context.Time.GetElapsedTime(_lastDelivery) < context.IdleMarkerEvery) return false;
        DropReader();
        var moved = marker with { Commit = last.Number, Offset = last.OutputFor(target.Name).Rows, Frontier = last.Frontier, Epoch = last.Epoch };
        // Between the plan and here a commit with output may have become durable: the marker must not pass it.
        if (context.Index.After(marker.Commit, int.MaxValue).Any(c => c.Number <= last.Number && c.OutputFor(target.Name).Rows > 0)) return true;
        Delivery(await target.DeliverAsync(new ClaimBatch(moved), stop).ConfigureAwait(false));
        return true;
    }

    private long _lastDelivery;

    private void Delivery(DeliveredMarker delivered)
    {
        _delivered = new DeliveredMarkerBox(delivered);
        _lastDelivery = context.Time.GetTimestamp();
        context.Logger.Delivered(target.Name, delivered.Marker.Commit.Value, delivered.Marker.Offset);
        Advanced();
    }

    private async Task ClaimOnceAsync(CancellationToken stop)
    {
        DropReader();
        // Read before fencing: if another copy took over, we must not throw it out again.
        Decide(await target.ReadMarkerAsync(Delivered, stop).ConfigureAwait(false));
        var found = await target.ClaimAsync(Delivered, stop).ConfigureAwait(false);
        if (Decide(found) is not { } marker)
        {
            if (_ahead is null) context.Logger.TargetAhead(target.Name, found!.Commit.Value, found.Frontier.ToString());
            _ahead = found;
            return;
        }

        Delivery(await target.DeliverAsync(new ClaimBatch(marker with { Incarnation = context.Manifest.Current }), stop).ConfigureAwait(false));
        if (_ahead is not null) context.Logger.TargetReached(target.Name, marker.Commit.Value);
        _ahead = null;
        FailPoint.Hit(FailPoints.ClaimAfterMarkerWrite);
    }

    // Null where the target has more than we.
    private Marker? Decide(Marker? found)
    {
        var facts = context.Facts(target.Name, found, Delivered?.Marker);
        if (found is not null && _ahead is not null && ReplayedMarker.Of(found) == ReplayedMarker.Of(_ahead)) return _reached.Task.IsCompletedSuccessfully ? Behind(_reached.Task.Result, found) : null;
        // Replayed up to there before, and killed before the target had our marker: the log holds what follows.
        if (found is not null && context.Manifest.Replays?.Contains(ReplayedMarker.Of(found)) == true && context.Index.FindAt(found.Frontier) is { } at) return Behind(at, found);
        return MarkerDecision.Decide(facts) switch
        {
            MarkerDecision.FromStart => new Marker(
                new PipelineId(context.Manifest.Pipeline), context.Manifest.Current, target.Name, facts.First == CommitNumber.None ? CommitNumber.None : new CommitNumber(facts.First.Value - 1), 0, true, Frontier.Empty),
            MarkerDecision.Continue go => go.Marker,
            MarkerDecision.Replay => null,
            MarkerDecision.Refuse refuse => throw refuse.Reason,
            _ => throw new InvariantException("A marker can only be adopted before the first commit."),
        };
    }

    private Marker Behind(CommitSummary commit, Marker found) => found with { Commit = commit.Number, Offset = commit.OutputFor(target.Name).Rows, IsWhole = true, Frontier = commit.Frontier, Epoch = commit.Epoch > found.Epoch ? commit.Epoch : found.Epoch };

    private async Task RetryAsync(Func<CancellationToken, Task> attempt, Action<TimeSpan, ConnectorException> onFailure, CancellationToken stop)
    {
        var since = context.Time.GetTimestamp();
        for (var failures = 1; ; failures++)
        {
            try
            {
                await attempt(stop).ConfigureAwait(false);
                return;
            }
            catch (ConnectorException e) when ((e.IsTransient || e is FencedException) && !context.Retry.IsOver(context.Time.GetElapsedTime(since)))
            {
                var delay = context.Retry.Delay(failures);
                onFailure(delay, e);
                await Task.Delay(delay, context.Time, stop).ConfigureAwait(false);
            }
        }
    }

    private void DropReader()
    {
        _reader?.Dispose();
        _reader = null;
    }

    // A class, so that the field can be read and written whole from several threads.
    private sealed record DeliveredMarkerBox(DeliveredMarker Marker);
}
