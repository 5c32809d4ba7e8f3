using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Folds the state changes of durable commits into RocksDB: the last value of each key, sorted, ingested in one atomic step with the checkpoint's number (invariant I1b).</summary>
/// <remarks>Used by one thread at a time. Where it is interrupted before the ingestion nothing has happened, and the next fold does it all.</remarks>
public sealed class Checkpointer
{
    private readonly string _folder;
    private readonly FoldRun _run;

    /// <summary>Sorted runs that don't fit into memory go to <paramref name="folder"/>, which is emptied here.</summary>
    public Checkpointer(string folder, CheckpointOptions options)
    {
        (_folder, _run) = (folder, new FoldRun(options.FoldBytes));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Brings <paramref name="db"/> from its checkpoint to <paramref name="upTo"/>, which has to be durable. Returns the checkpoint it is at then.</summary>
    /// <exception cref="RefusalException">The log doesn't hold, or no longer whole, what is to be folded.</exception>
    /// <exception cref="ConnectorException">The disk failed or is full.</exception>
    public CommitNumber Fold(CommitLog log, StateDb db, CommitNumber upTo)
    {
        Check.That(upTo <= log.Durable);
        if (upTo <= db.Checkpoint) return db.Checkpoint;
        try
        {
            using var sorter = new FoldSorter(_folder, _run);
            Read(log, db.Checkpoint.Next(), upTo, sorter);
            using var files = db.BeginCheckpoint(upTo);
            sorter.ForEach(change => Write(change, files));
            FailPoint.Hit(FailPoints.CheckpointBeforeIngest);
            files.Ingest();
        }
        catch (IOException e)
        {
            throw new ConnectorException($"The checkpoint at commit {upTo} can't be made: {e.Message} Nothing is lost, the log holds it all; the next start makes it.", e);
        }

        FailPoint.Hit(FailPoints.CheckpointAfterIngest);
        return db.Checkpoint;
    }

    /// <summary>Brings <paramref name="changes"/> into <paramref name="db"/> beside what its checkpoint holds: states that are made anew, of which no commit knows yet.</summary>
    public void Add(IReadOnlyList<StateChanges> changes, StateDb db)
    {
        using var sorter = new FoldSorter(_folder, _run);
        foreach (var each in changes) sorter.Add(each.Bytes.Span);
        using var files = db.BeginCheckpoint(db.Checkpoint);
        sorter.ForEach(change => Write(change, files));
        files.Ingest();
    }

    private static void Read(CommitLog log, CommitNumber from, CommitNumber upTo, FoldSorter sorter)
    {
        using var reader = log.Read(from);
        while (true)
        {
            Check.That(reader.TryRead(out var record));
            if (record.Kind == RecordKind.State) sorter.Add(record.Payload.Span);
            else if (record.Kind == RecordKind.Close && record.Commit == upTo) return;
        }
    }

    private static void Write(ReadOnlySpan<byte> change, SortedFileWriter files)
    {
        Check.That(StateChanges.TryRead(ref change, out var key, out var value, out var isDelete));
        if (isDelete) files.Delete(key);
        else files.Put(key, value);
    }
}
