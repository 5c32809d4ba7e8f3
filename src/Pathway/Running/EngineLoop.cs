using Pathway.Checkpointing;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Execution;
using Pathway.Storage;

namespace Pathway.Running;

/// <summary>The engine's thread: takes slices, steps the circuit, and hands over a commit when one is due.</summary>
/// <remarks>
/// A commit is due when the input is idle and a target waits for output, or at the latest <see cref="PipelineOptions.CommitEvery"/> after the last one; never inside a source transaction (I5). While all targets
/// are busy with earlier commits, one more would wait as long as what it holds does now, and cost a sync: so what comes meanwhile is committed together. Where memory is full of what changed, it is due at once, and
/// no input is taken until a checkpoint has made room. Inside of a source transaction, what memory can't hold is spilled (<see cref="Spiller"/>).
/// </remarks>
internal sealed class EngineLoop
{
    private readonly PipelineEngine _engine;
    private readonly StateStores _states;
    private readonly InputQueue _queue;
    private readonly CommitWriter _commits;
    private readonly CommitBuffers _buffers;
    private readonly SourceSet _sources;
    private readonly TargetSet _targets;
    private readonly PipelineStatus _status;
    private readonly MemoryWatch _memory;
    private readonly TimeSpan _commitEvery;
    private readonly long _outputBytesMax; // formatted output above this is handed over before the interval has passed
    private readonly TimeProvider _time;
    private readonly Action<DurableCommit> _durable;
    private readonly CheckpointLoop _checkpoints;
    private readonly Spiller _spiller;
    private readonly ReplayCourse _course;
    private volatile CommitSummary? _last; // that is durable
    private readonly List<TaskCompletionSource> _waiting = []; // for the open commit to be durable
    private Frontier _frontier, _committed;
    private Epoch _epoch;
    private CommitNumber _number; // of the last commit handed over
    private long _lastCommit, _lastSpill;
    private readonly HashSet<int> _inTransaction = []; // sources of which a transaction has begun and not ended
    private bool _changed;

    public EngineLoop(PipelineEngine engine, StateStores states, InputQueue queue, CommitWriter commits, SourceSet sources, TargetSet targets, ReplayCourse course, CommitSummary? last, PipelineStatus status, PipelineOptions options, TimeProvider time, Action<DurableCommit> durable, CheckpointLoop checkpoints, Spiller spiller)
    {
        (_engine, _states, _queue, _commits, _sources, _targets, _status, _time, _durable, _checkpoints, _spiller) = (engine, states, queue, commits, sources, targets, status, time, durable, checkpoints, spiller);
        var shares = new MemoryShares(options.MemoryBytes);
        (_memory, _commitEvery, _outputBytesMax) = (new MemoryWatch(shares, states, time), options.CommitEvery, shares.Output);
        (_course, _last) = (course, last);
        _buffers = new CommitBuffers(engine);
        _frontier = _committed = last?.Frontier ?? Frontier.Empty;
        // A restored pipeline never tells a target of an epoch that it was told of before.
        _epoch = (last?.Epoch ?? default) is var committed && committed < targets.EpochTold ? targets.EpochTold : committed;
        _number = last?.Number ?? CommitNumber.None;
        _lastCommit = time.GetTimestamp();
    }

    /// <summary>Runs until all sources have ended or <paramref name="stop"/>; then commits what is whole and waits until it is durable.</summary>
    public void Run(CancellationToken stop)
    {
        using var wake = stop.Register(_queue.Pulse);
        try
        {
            _engine.Resume(_queue.Pulse);
            MeetTargets();
            Take(stop);
            if (_sources.AllEnded && !_course.IsOver && !stop.IsCancellationRequested)
                throw new RefusalException("the input ended before it was replayed up to where a target is", $"an end at {_frontier}", $"{_course.Next}", "Put back what the source had, or begin anew with an empty state directory and an empty target.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _commits.Drain(); // a formatter that waited for somebody outside was asked to stop: what it was in is read again
            return;
        }

        if (_inTransaction.Count > 0) _commits.Drain(); // an unfinished transaction is dropped: it was never closed, and is read again
        else if (HasSomething) Commit();
        _commits.Drain();
    }

    /// <summary>After <see cref="Run"/>, when everything is delivered that will be: one more commit says so, for targets that keep no record of it themselves and would be told of the last changes again.</summary>
    public void RecordDelivered()
    {
        if (_inTransaction.Count > 0) return;
        _number = _number.Next();
        _commits.Submit(new PendingCommit { Number = _number, Epoch = _epoch, Frontier = _committed, Outputs = [], Done = static () => { }, Durable = static _ => { } });
        _commits.Drain();
    }

    private void Take(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // Answers come before input: they make room for questions.
            if (IsMemoryFull) MakeRoom();
            else if (_inTransaction.Count == 0 && _engine.HasAnswers) StepAnswers();
            else if (_inTransaction.Count == 0 && _engine.IsFull) _queue.Wait(UntilNextCommit());
            else if (_queue.TryTake(UntilNextCommit(), out var queued)) Step(queued);
            else if (_sources.AllEnded && _engine.OpenQuestions == 0 && !_queue.TryTake(TimeSpan.Zero, out queued)) break;
            else if (queued is not null) Step(queued);
            if (_inTransaction.Count == 0 && _course.IsAt(_frontier))
            {
                Commit();
                _commits.Drain();
                MeetTargets();
            }

            if (IsDue) Commit();
            else if (_inTransaction.Count > 0 && WantsSpill && CoverCommits(stop)) Spill();
        }
    }

    // Inside of a source transaction nothing can be committed.
    private bool IsMemoryFull => _inTransaction.Count == 0 && _states.IsFull && (HasSomething || _states.HasUncovered);

    // Nothing of this waits for the engine: the writer makes the commit durable, the loop of checkpoints folds it, and both wake us. The sources wait meanwhile, since the queue is full.
    private void MakeRoom()
    {
        if (HasSomething) Commit();
        _checkpoints.Ask();
        _queue.Wait(TimeSpan.FromMilliseconds(100));
        Maintain();
    }

    private bool WantsSpill => _states.WantsSpill || (_states.WantsCommit && _memory.IsTight) || (_memory.IsShort && _time.GetElapsedTime(_lastSpill) > TimeSpan.FromSeconds(1));

    // What a spill says hides what RocksDB has, so that must be older: every commit. Whether it was waited for.
    private bool CoverCommits(CancellationToken stop)
    {
        if (_states.HasSpilled(_number.Next())) return true;
        _commits.Drain();
        while (_states.Checkpoint < _number)
        {
            if (stop.IsCancellationRequested) return false;
            _checkpoints.Demand();
            _queue.Wait(TimeSpan.FromMilliseconds(100));
        }

        return true;
    }

    // The changes go to the log as well, as a part of the commit to come; here they can be read meanwhile. What steps and sinks hold back for the commit goes out now, since it would grow with the transaction.
    private void Spill()
    {
        _engine.CloseOutput(_epoch);
        var buffers = _buffers.Take(withChanges: true);
        SaveAndSpill(buffers.Changes, _number.Next());
        _commits.Submit(new PendingCommit { Number = _number.Next(), Epoch = _epoch, Frontier = _frontier, Outputs = ToDeliver(buffers.Outputs), Changes = buffers.Changes, IsPart = true, Done = buffers.Return });
        _lastSpill = _time.GetTimestamp();
        Maintain();
    }

    private void SaveAndSpill(IReadOnlyList<StateChanges> changes, CommitNumber commit)
    {
        _engine.SaveChanges(changes, commit);
        _spiller.Spill(changes, commit);
    }

    private void Maintain()
    {
        _memory.Look();
        _engine.Maintain();
    }

    // Exactly here targets take up again: nothing that comes later may be in the commit before.
    private void MeetTargets()
    {
        while (_course.IsAt(_frontier))
        {
            var stage = _course.Pass();
            _targets.Reached(stage.Targets, _last ?? new CommitSummary(CommitNumber.None, _epoch, _frontier, []));
        }
    }

    private bool HasSomething => _changed || !_frontier.Equals(_committed) || _waiting.Count > 0;

    private TimeSpan UntilNextCommit()
    {
        if (!HasSomething || _inTransaction.Count > 0) return TimeSpan.FromSeconds(1);
        var left = _commitEvery - _time.GetElapsedTime(_lastCommit);
        // The end of a commit in flight wakes us, and a target that becomes idle does (Pulse).
        return IsWaitedFor ? TimeSpan.Zero : left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
    }

    private bool IsWaitedFor => _commits.IsIdle && _targets.IsAnyIdle;

    // Called after each step, and when the queue was empty.
    private bool IsDue => HasSomething && _inTransaction.Count == 0
        && ((_queue.IsEmpty && IsWaitedFor) || _time.GetElapsedTime(_lastCommit) >= _commitEvery || _buffers.OutputBytes >= _outputBytesMax || _states.WantsCommit || _waiting.Count > 0);

    private void StepAnswers()
    {
        _epoch = _epoch.Next();
        _engine.Step(_epoch);
        _changed = true;
        Maintain();
    }

    private void Step(QueuedSlice queued)
    {
        var slice = queued.Slice;
        try
        {
            // What came before an outsized transaction doesn't wait for its end.
            if (!slice.EndsTransaction && _inTransaction.Count == 0 && HasSomething) Commit();
            if (slice.EndsTransaction) _inTransaction.Remove(queued.Source);
            else _inTransaction.Add(queued.Source);
            if (slice.Rows.Count > 0)
            {
                _epoch = _epoch.Next();
                foreach (var (input, rows) in slice.Rows)
                {
                    _engine.Push(_sources.InputOf(queued.Source, input), rows);
                    _status.AddRead(rows.Count);
                }

                _engine.Step(_epoch);
                _changed = true;
            }

            if (queued.Durable is not null) _waiting.Add(queued.Durable);
            if (slice.SourceTime is { } at) _status.SourceTime = at;
            if (_inTransaction.Count > 0) HandOverPart();
            if (slice.EndsTransaction) _frontier = _frontier.With(_sources.PartitionOf(queued.Source), slice.Position);
        }
        finally
        {
            slice.Dispose();
        }

        Maintain();
    }

    // Output of a transaction that is larger than a slice goes to the log as it arises, so that memory stays bounded; only its end can be committed.
    private void HandOverPart()
    {
        if (_buffers.OutputBytes < _outputBytesMax / 8) return;
        var buffers = _buffers.Take(withChanges: false);
        _commits.Submit(new PendingCommit { Number = _number.Next(), Epoch = _epoch, Frontier = _frontier, Outputs = ToDeliver(buffers.Outputs), IsPart = true, Done = buffers.Return });
    }

    // What a target has already isn't kept for it.
    private IReadOnlyList<(string Target, OutputBuffer Output)> ToDeliver(IReadOnlyList<(string Target, OutputBuffer Output)> outputs) =>
        _course.IsOver ? outputs : [.. outputs.Where(o => !_course.IsHeld(o.Target))];

    private void Commit()
    {
        _engine.CloseOutput(_epoch);
        var buffers = _buffers.Take(withChanges: true);
        _number = _number.Next();
        if (_states.HasSpilled(_number)) SaveAndSpill(buffers.Changes, _number); // else a part of the commit would be in the spill, and a part not
        else _engine.SaveChanges(buffers.Changes, _number);
        var waiting = _waiting.ToArray();
        _waiting.Clear();
        _commits.Submit(new PendingCommit
        {
            Number = _number, Epoch = _epoch, Frontier = _frontier, Outputs = ToDeliver(buffers.Outputs), Changes = buffers.Changes, Done = buffers.Return,
            Durable = durable =>
            {
                _last = durable.Summary;
                _durable(durable);
                foreach (var source in waiting) source.TrySetResult();
                _queue.Pulse();
            },
        });
        (_committed, _changed, _lastCommit) = (_frontier, false, _time.GetTimestamp());
        _status.SetState(_states.CacheBytes);
    }
}
