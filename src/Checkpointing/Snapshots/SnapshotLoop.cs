using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>Makes a snapshot of the running pipeline every <see cref="SnapshotOptions.Every"/>, and deletes those that are too many.</summary>
/// <remarks>One that can't be made is told and tried again at the next time; it never ends the pipeline.</remarks>
public sealed class SnapshotLoop(SnapshotOptions options, string pipeline, SnapshotMaker maker, ILogger logger, TimeProvider time)
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
                await maker.MakeAsync(options.Store, stop).ConfigureAwait(false);
                await _store.PruneAsync(options.Keep, stop).ConfigureAwait(false);
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
}
