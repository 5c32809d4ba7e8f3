namespace Pathway.Core;

/// <summary>The catalogue of fail points, in the order in which a pipeline meets them.</summary>
public static class FailPoints
{
#pragma warning disable CS1591 // each name is explained by its line in All
    public const string RecoveryAfterTailCopy = "recovery.after-tail-copy";
    public const string RecoveryAfterReplay = "recovery.after-replay";
    public const string RebuildBegun = "rebuild.begun";
    public const string RebuildReadAgain = "rebuild.read-again";
    public const string RebuildStored = "rebuild.stored";
    public const string RebuildBeforeCommit = "rebuild.before-commit";
    public const string RebuildCommitted = "rebuild.committed";
    public const string ClaimAfterFence = "claim.after-fence";
    public const string ClaimAfterMarkerRead = "claim.after-marker-read";
    public const string ClaimAfterMarkerWrite = "claim.after-marker-write";
    public const string SourceAfterIntention = "source.after-intention";
    public const string SourceAfterPublication = "source.after-publication";
    public const string SourceAfterSlot = "source.after-slot";
    public const string SourceBeforeStream = "source.before-stream";
    public const string LoadBeforeChunk = "load.before-chunk";
    public const string LoadAfterChunkRead = "load.after-chunk-read";
    public const string LoadAfterChunkMark = "load.after-chunk-mark";
    public const string LoadAfterChunkEmit = "load.after-chunk-emit";
    public const string CommitBeforeAppend = "commit.before-append";
    public const string CommitBeforeClose = "commit.before-close";
    public const string CommitBeforeLogSync = "commit.before-log-sync";
    public const string CommitAfterLogSync = "commit.after-log-sync";
    public const string DeliverBeforeBegin = "deliver.before-begin";
    public const string DeliverMidway = "deliver.midway";
    public const string DeliverBeforeMarker = "deliver.before-marker";
    public const string DeliverBeforeCommit = "deliver.before-commit";
    public const string DeliverAfterCommit = "deliver.after-commit";
    public const string AcknowledgeBefore = "acknowledge.before";
    public const string CheckpointBeforeIngest = "checkpoint.before-ingest";
    public const string CheckpointAfterIngest = "checkpoint.after-ingest";
    public const string LogBeforeDelete = "log.before-delete";
#pragma warning restore CS1591

    /// <summary>Name and place of every fail point.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [RecoveryAfterTailCopy] = "recovery copied the last commit of the log into a segment of its own",
        [RecoveryAfterReplay] = "recovery replayed the log into the state",
        [RebuildBegun] = "a change of the plan has begun, nothing of it is made",
        [RebuildReadAgain] = "a slice of a source that is read again for a change of the plan was taken in, not the last perhaps",
        [RebuildStored] = "states that are made anew for a change of the plan were stored, not all perhaps",
        [RebuildBeforeCommit] = "all that a change of the plan asks for is made, its commit isn't",
        [RebuildCommitted] = "the commit of a change of the plan is durable, states of the plan before aren't deleted",
        [ClaimAfterFence] = "a target was fenced, its marker not yet read",
        [ClaimAfterMarkerRead] = "a target's marker was read, nothing decided",
        [ClaimAfterMarkerWrite] = "a target was claimed by a marker with our incarnation",
        [SourceAfterIntention] = "the intention to make a replication slot is durable, the slot not made",
        [SourceAfterPublication] = "the publication was made",
        [SourceAfterSlot] = "the replication slot was made, its position not yet durable",
        [SourceBeforeStream] = "everything was checked, streaming not begun",
        [LoadBeforeChunk] = "before a chunk of the initial load is read",
        [LoadAfterChunkRead] = "a chunk of the initial load was read, its mark not yet in the WAL",
        [LoadAfterChunkMark] = "a chunk's mark is in the WAL",
        [LoadAfterChunkEmit] = "a chunk's rows were handed to the engine, not committed",
        [CommitBeforeAppend] = "a commit is due, nothing of it in the log",
        [CommitBeforeClose] = "a commit's records are in the log, its closing record is not",
        [CommitBeforeLogSync] = "a commit's closing record was written, not synced",
        [CommitAfterLogSync] = "a commit is durable, nothing delivered",
        [DeliverBeforeBegin] = "a target's transaction is about to begin",
        [DeliverMidway] = "the first row of a target's transaction was sent",
        [DeliverBeforeMarker] = "the output of a transaction was sent, the marker was not",
        [DeliverBeforeCommit] = "output and marker were sent, the transaction not committed",
        [DeliverAfterCommit] = "the target's transaction was committed, we don't know it yet",
        [AcknowledgeBefore] = "a position is delivered, the source not yet told",
        [CheckpointBeforeIngest] = "the sorted files of a checkpoint are written, not ingested",
        [CheckpointAfterIngest] = "a checkpoint is in RocksDB, no log deleted",
        [LogBeforeDelete] = "log segments are about to be deleted",
    };
}
