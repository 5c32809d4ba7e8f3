using Microsoft.Extensions.Logging;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Makes snapshots of the running pipeline, one after the other: by its schedule, and when somebody asks.</summary>
/// <remarks>Beside the pipeline: only the second names of its files are made where checkpoints are.</remarks>
public sealed class SnapshotMaker(string pipeline, CheckpointLoop checkpoints, ILogger logger, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1); // there is one folder for what is frozen
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Makes one in <paramref name="store"/>.</summary>
    /// <exception cref="ConnectorException">The state can't be frozen, or not be stored.</exception>
    /// <exception cref="RefusalException">The store holds snapshots of another pipeline under this name, or is being changed by somebody else.</exception>
    public async Task<SnapshotManifest> MakeAsync(IObjectStore store, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _ending.Token);
        await _one.WaitAsync(either.Token).ConfigureAwait(false);
        try
        {
            var began = time.GetTimestamp();
            using var state = await checkpoints.FreezeAsync().WaitAsync(either.Token).ConfigureAwait(false);
            var made = await new SnapshotStore(store, pipeline).CreateAsync(state, time.GetUtcNow(), either.Token).ConfigureAwait(false);
            logger.SnapshotMade(made.Id, store.Place, made.Bytes, time.GetElapsedTime(began));
            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConnectorException($"No snapshot could be made in {store.Place}: {e.Message}", e);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Ends what is being made, and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _one.WaitAsync().ConfigureAwait(false); // for good: who comes later finds the end asked for
    }
}
