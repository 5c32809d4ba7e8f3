using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>Folds durable commits into RocksDB in the background, and deletes the log as far as it is folded and delivered (I1b).</summary>
/// <remarks>Due at <see cref="CheckpointOptions.LogBytes"/> of new log, when the state's budget is full of what no checkpoint covers, or every <see cref="CheckpointOptions.Every"/>.</remarks>
/// <param name="folder">The state directory.</param>
/// <param name="options">When one is due.</param>
/// <param name="delivered">The last commit that every target has whole, as far as a durable commit says so: what none has on record may be asked for again.</param>
/// <param name="logger">Log for people.</param>
/// <param name="time">The clock.</param>
public sealed class CheckpointLoop(StateFolder folder, CheckpointOptions options, Func<CommitNumber> delivered, ILogger logger, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Checkpointer _checkpointer = new(folder.Paths.Fold, options);
    private long _bytesAtCheckpoint; // of all that the log ever took; written by the loop, read by the commit writer's thread
    private readonly ConcurrentQueue<TaskCompletionSource<FrozenState>> _wanted = new();
    private long _lastCheckpoint = time.GetTimestamp();
    private volatile bool _isDemanded;

    /// <summary>Called after each checkpoint, on the loop's thread.</summary>
    public Action Covered { get; set; } = static () => { };

    /// <summary>The state wants a checkpoint, though no commit became durable just now.</summary>
    public void Ask()
    {
        if (_wake.CurrentCount == 0) _wake.Release();
    }

    /// <summary>Somebody waits for a checkpoint of what is durable: it is made, whether it is due or not.</summary>
    public void Demand()
    {
        _isDemanded = true;
        Ask();
    }

    /// <summary>A commit became durable.</summary>
    public void Release(DurableCommit commit)
    {
        Check.That(commit.Number <= folder.Log.Durable);
        if (IsDue(TimeSpan.Zero) && _wake.CurrentCount == 0) _wake.Release();
    }

    /// <summary>What the state directory holds at the next checkpoint, which is made at once. One at a time.</summary>
    public Task<FrozenState> FreezeAsync()
    {
        var wanted = new TaskCompletionSource<FrozenState>(TaskCreationOptions.RunContinuationsAsynchronously);
        _wanted.Enqueue(wanted);
        _wake.Release();
        return wanted.Task;
    }

    /// <summary>Runs until <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await ((Task)_wake.WaitAsync(options.Every, stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) break;
            if (!_wanted.IsEmpty || _isDemanded || IsDue(time.GetElapsedTime(_lastCheckpoint))) Checkpoint();
            DeleteLog();
            while (_wanted.TryDequeue(out var wanted)) Freeze(wanted);
        }

        while (_wanted.TryDequeue(out var wanted)) wanted.TrySetCanceled(stop);
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    // Log that was there at the start counts as new: it lengthens a restart as much as any other.
    private bool IsDue(TimeSpan since)
    {
        var newBytes = folder.Log.BytesTaken - Volatile.Read(ref _bytesAtCheckpoint);
        if (folder.Log.Durable == folder.Db.Checkpoint || (!folder.States.WantsCheckpoint && newBytes < options.LogBytes && since < options.Every)) return false; // spares asking RocksDB at each commit
        return options.IsDue(newBytes, since, folder.Db.LevelZeroFiles, folder.States.WantsCheckpoint);
    }

    // A snapshot that can't be made doesn't end the pipeline.
    private void Freeze(TaskCompletionSource<FrozenState> wanted)
    {
        try
        {
            wanted.SetResult(FrozenState.Of(folder));
        }
        catch (Exception e) when (e is IOException or PathwayException)
        {
            wanted.SetException(e);
        }
    }

    private void Checkpoint()
    {
        _isDemanded = false;
        var began = _lastCheckpoint = time.GetTimestamp();
        Volatile.Write(ref _bytesAtCheckpoint, folder.Log.BytesTaken);
        var checkpoint = _checkpointer.Fold(folder.Log, folder.Db, folder.Log.Durable);
        folder.States.Covered(checkpoint);
        Covered();
        logger.Checkpointed(checkpoint.Value, time.GetElapsedTime(began));
    }

    private void DeleteLog()
    {
        var checkpoint = folder.Db.Checkpoint;
        // The last commit stays: its closing record says where the sources stand.
        var keep = new CommitNumber(Math.Min(folder.Log.Durable.Value, Math.Min(checkpoint.Value, delivered().Value) + 1));
        folder.Log.DeleteBefore(keep);
        folder.Index.Forget(keep);
    }
}
