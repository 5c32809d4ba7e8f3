using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>Folds durable commits into RocksDB in the background, and deletes the log as far as it is folded and delivered (I1b).</summary>
/// <remarks>Due at <see cref="CheckpointOptions.LogBytes"/> of new log, when the state's budget is full of what no checkpoint covers, or every <see cref="CheckpointOptions.Every"/>.</remarks>
public sealed class CheckpointLoop(StateFolder folder, CheckpointOptions options, Func<CommitNumber> delivered, ILogger logger, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Checkpointer _checkpointer = new(folder.Paths.Fold, options);
    private long _bytesAtCheckpoint; // of all that the log ever took; written by the loop, read by the commit writer's thread
    private long _lastCheckpoint = time.GetTimestamp();

    /// <summary>A commit became durable.</summary>
    public void Release(DurableCommit commit)
    {
        Check.That(commit.Number <= folder.Log.Durable);
        if (IsDue(TimeSpan.Zero) && _wake.CurrentCount == 0) _wake.Release();
    }

    /// <summary>Runs until <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await ((Task)_wake.WaitAsync(options.Every, stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) return;
            if (IsDue(time.GetElapsedTime(_lastCheckpoint))) Checkpoint();
            DeleteLog();
        }
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

    private void Checkpoint()
    {
        var began = _lastCheckpoint = time.GetTimestamp();
        Volatile.Write(ref _bytesAtCheckpoint, folder.Log.BytesTaken);
        var checkpoint = _checkpointer.Fold(folder.Log, folder.Db, folder.Log.Durable);
        folder.States.Covered(checkpoint);
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
