using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>Folds durable commits into RocksDB in the background, and deletes the log as far as it is folded and delivered (I1b).</summary>
/// <remarks>Due at <see cref="CheckpointOptions.LogBytes"/> of new log, when the state's budget is full of what no checkpoint covers, or every <see cref="CheckpointOptions.Every"/>.</remarks>
public sealed class CheckpointLoop(StateFolder folder, CheckpointOptions options, Func<CommitNumber> delivered, ILogger logger, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Checkpointer _checkpointer = new(folder.Paths.Fold, options);
    private bool _stateWantsIt;
    private long _logBytesAtCheckpoint; // written by the loop, read by the commit writer's thread

    /// <summary>Whether the state's budget is full of what no checkpoint covers; said by the engine's thread.</summary>
    public bool StateWantsIt
    {
        get => Volatile.Read(ref _stateWantsIt);
        set => Volatile.Write(ref _stateWantsIt, value);
    }

    /// <summary>A commit became durable.</summary>
    public void Release(DurableCommit commit)
    {
        Check.That(commit.Number <= folder.Log.Durable);
        var newBytes = folder.Log.Bytes - Volatile.Read(ref _logBytesAtCheckpoint);
        if (options.IsDue(newBytes, TimeSpan.Zero, folder.Db.LevelZeroFiles, StateWantsIt) && _wake.CurrentCount == 0) _wake.Release();
    }

    /// <summary>Runs until <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await ((Task)_wake.WaitAsync(options.Every, stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stop.IsCancellationRequested) Checkpoint();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    private void Checkpoint()
    {
        var upTo = folder.Log.Durable;
        if (upTo == CommitNumber.None) return;
        if (upTo > folder.Db.Checkpoint)
        {
            var began = time.GetTimestamp();
            _checkpointer.Fold(folder.Log, folder.Db, upTo);
            folder.States.Covered(folder.Db.Checkpoint);
            logger.Checkpointed(upTo.Value, time.GetElapsedTime(began));
        }

        // The last commit stays: its closing record says where the sources stand.
        var keep = new CommitNumber(Math.Min(upTo.Value, Math.Min(folder.Db.Checkpoint.Value, delivered().Value) + 1));
        folder.Log.DeleteBefore(keep);
        folder.Index.Forget(keep);
        Volatile.Write(ref _logBytesAtCheckpoint, folder.Log.Bytes);
    }
}
