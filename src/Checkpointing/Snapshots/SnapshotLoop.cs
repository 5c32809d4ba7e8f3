using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>Makes a snapshot of the running pipeline every <see cref="SnapshotOptions.Every"/>, and deletes those that are too many.</summary>
/// <remarks>Beside the pipeline: only the second names of its files are made where checkpoints are. One that can't be made is told and tried again at the next time; it never ends the pipeline.</remarks>
public sealed class SnapshotLoop(SnapshotOptions options, string pipeline, CheckpointLoop checkpoints, ILogger logger, TimeProvider time)
{
    private readonly SnapshotStore _store = new(options.Store, pipeline);

    /// <summary>Runs until <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(options.Every, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) return;
            try
            {
                await MakeAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or PathwayException)
            {
                logger.SnapshotFailed(options.Store.Place, options.Every, e.Message);
            }
        }
    }

    private async Task MakeAsync(CancellationToken stop)
    {
        var began = time.GetTimestamp();
        using var state = await checkpoints.FreezeAsync().WaitAsync(stop).ConfigureAwait(false);
        var made = await _store.CreateAsync(state, time.GetUtcNow(), stop).ConfigureAwait(false);
        logger.SnapshotMade(made.Id, options.Store.Place, made.Bytes, time.GetElapsedTime(began));
        await _store.PruneAsync(options.Keep, stop).ConfigureAwait(false);
    }
}
