using Microsoft.Extensions.Logging;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Makes commits durable, one after the other, on a thread of its own: records, closing record, one sync (protocol, section 1).</summary>
/// <remarks>One commit in flight, the next one queued. The first failure ends it: <see cref="Failure"/>; nothing is written after that.</remarks>
public sealed class CommitWriter : IDisposable
{
    private readonly CommitLog _log;
    private readonly CommitIndex _index;
    private readonly Incarnation _incarnation;
    private readonly Func<IReadOnlyList<DeliveredMarker>> _delivered;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private readonly object _guard = new(); // of the fields below
    private readonly TaskCompletionSource _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _stopped = new();
    private PendingCommit? _queued;
    private bool _working, _stop;
    private readonly OutputCompression _compression = new(); // the thread's own
    private volatile IReadOnlyList<DeliveredMarker>? _recorded;
    private readonly Dictionary<string, (long Rows, long Bytes)> _open = new(StringComparer.Ordinal); // output of the open commit so far; the thread's own

    /// <summary>Starts the writer. <paramref name="delivered"/> gives the newest marker of every target, for the closing record.</summary>
    public CommitWriter(CommitLog log, CommitIndex index, Incarnation incarnation, Func<IReadOnlyList<DeliveredMarker>> delivered, ILogger logger, TimeProvider time)
    {
        (_log, _index, _incarnation, _delivered, _logger, _time) = (log, index, incarnation, delivered, logger, time);
        _thread = new Thread(Run) { IsBackground = true, Name = "pathway commits" };
        _thread.Start();
    }

    /// <summary>Never completes well; fails with what went wrong.</summary>
    public Task Failure => _failure.Task;

    /// <summary>The markers that the last commit made durable here has on record; null before the first.</summary>
    public IReadOnlyList<DeliveredMarker>? Recorded => _recorded;

    /// <summary>Whether nothing is in flight and nothing queued.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_guard) return !_working && _queued is null;
        }
    }

    /// <summary>Hands over a commit or a part of one; waits while another one is queued.</summary>
    public void Submit(PendingCommit commit)
    {
        lock (_guard)
        {
            while (_queued is not null && !_stop && !_failure.Task.IsCompleted) Monitor.Wait(_guard);
            if (_failure.Task.IsCompleted) _failure.Task.GetAwaiter().GetResult();
            _queued = commit;
            Monitor.PulseAll(_guard);
        }
    }

    /// <summary>Waits until everything handed over is durable.</summary>
    public void Drain()
    {
        lock (_guard)
            while ((_working || _queued is not null) && !_failure.Task.IsCompleted) Monitor.Wait(_guard);
        if (_failure.Task.IsCompleted) _failure.Task.GetAwaiter().GetResult();
    }

    /// <summary>From now on a full disk isn't waited out: the commit that meets one fails with <see cref="DiskFullException"/>, and with it the writer. For a process that is to end.</summary>
    public void StopWaitingForRoom() => _stopped.Set();

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_guard)
        {
            _stop = true;
            _stopped.Set();
            Monitor.PulseAll(_guard);
        }

        _thread.Join();
        _stopped.Dispose();
    }

    private void Run()
    {
        try
        {
            while (Take() is { } commit)
            {
                Write(commit);
                lock (_guard)
                {
                    _working = false;
                    Monitor.PulseAll(_guard);
                }
            }
        }
        catch (Exception e)
        {
            _failure.TrySetException(e);
            _ = _failure.Task.Exception; // observed here; the run loop awaits it
            lock (_guard)
            {
                _working = false;
                Monitor.PulseAll(_guard);
            }
        }
    }

    private PendingCommit? Take()
    {
        lock (_guard)
        {
            while (_queued is null && !_stop) Monitor.Wait(_guard);
            var commit = _queued;
            _queued = null;
            _working = commit is not null;
            Monitor.PulseAll(_guard);
            return commit;
        }
    }

    private void Write(PendingCommit commit)
    {
        FailPoint.Hit(FailPoints.CommitBeforeAppend);
        foreach (var (target, output) in commit.Outputs)
        {
            if (output.Rows == 0) continue;
            WhenThereIsRoom(() => OutputRecord.Append(_log, target, output, _compression));
            var sum = _open.GetValueOrDefault(target);
            _open[target] = (sum.Rows + output.Rows, sum.Bytes + output.Bytes.Length);
        }

        foreach (var changes in commit.Changes)
            if (changes.Entries > 0) WhenThereIsRoom(() => StateRecord.Append(_log, changes));
        if (commit.IsPart)
        {
            commit.Done();
            return;
        }

        var number = commit.Number;
        var (delivered, summary) = (_delivered(), new CommitSummary(number, commit.Epoch, commit.Frontier, [.. _open.Select(o => new CommitOutput(o.Key, o.Value.Rows, o.Value.Bytes))]));
        _open.Clear();
        FailPoint.Hit(FailPoints.CommitBeforeClose);
        WhenThereIsRoom(() => _log.Close(number, new CommitHeader(summary, _incarnation, delivered).ToBytes()));
        FailPoint.Hit(FailPoints.CommitBeforeLogSync);
        _log.Sync();
        FailPoint.Hit(FailPoints.CommitAfterLogSync);
        _recorded = delivered;
        _index.Add(summary);
        commit.Done();
        commit.Durable(new DurableCommit(summary));
    }

    // A full disk is waited out, loudly: the log takes the same records again once there is room. The source waits behind us (back-pressure).
    private void WhenThereIsRoom(Action append)
    {
        var mark = _log.Mark();
        for (var warned = false; ; warned = true)
        {
            try
            {
                append();
                if (warned) _logger.DiskHasRoomAgain();
                return;
            }
            catch (DiskFullException e)
            {
                _log.Rewind(mark); // else records appended before the disk was full would stand there twice
                if (!warned) _logger.DiskFull(e.Message);
                if (_stopped.Wait(TimeSpan.FromSeconds(1), CancellationToken.None)) throw;
            }
        }
    }
}
