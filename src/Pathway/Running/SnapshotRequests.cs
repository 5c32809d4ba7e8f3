using Pathway.Checkpointing;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Running;

/// <summary>Where who asks for a snapshot meets the pipeline that runs, if it does.</summary>
internal sealed class SnapshotRequests
{
    private volatile SnapshotMaker? _maker;

    /// <summary>From now on snapshots can be made; with null, no longer.</summary>
    public void Serve(SnapshotMaker? maker) => _maker = maker;

    /// <summary>Makes one.</summary>
    /// <exception cref="ConfigurationException">The pipeline doesn't run.</exception>
    public Task<SnapshotManifest> MakeAsync(string pipeline, IObjectStore store, CancellationToken stop) =>
        _maker?.MakeAsync(store, stop) ?? throw new ConfigurationException($"Pipeline '{pipeline}' doesn't run yet, or no longer; the state directory of one that doesn't run is copied with `pathway snapshots create`.");
}
