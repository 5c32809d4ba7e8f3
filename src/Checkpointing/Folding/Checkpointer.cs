using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Folds the state changes of durable commits into RocksDB: the last value of each key, sorted, ingested in one atomic step with the checkpoint's number (invariant I1b).</summary>
public sealed class Checkpointer
{
    private readonly string _folder;
    private readonly FoldRun _run;

    /// <summary>Sorted runs that don't fit into memory go to <paramref name="folder"/>, which is emptied here.</summary>
    public Checkpointer(string folder, CheckpointOptions options)
    {
        _folder = folder;
        _run = new FoldRun(options.FoldBytes);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Brings <paramref name="db"/> from its checkpoint to <paramref name="upTo"/>, which has to be durable.</summary>
    public void Fold(CommitLog log, StateDb db, CommitNumber upTo)
    {
        if (upTo <= db.Checkpoint) return;
        var runs = new List<RunFile>();
        try
        {
            Sort(log, db.Checkpoint.Next(), upTo, runs);
            using var files = db.BeginCheckpoint(upTo);
            if (runs.Count == 0) WriteRun(files);
            else Merge(runs, files);
            FailPoint.Hit(FailPoints.CheckpointBeforeIngest);
            files.Ingest();
            FailPoint.Hit(FailPoints.CheckpointAfterIngest);
        }
        finally
        {
            _run.Clear();
            foreach (var run in runs) run.Dispose();
        }
    }

    private void Sort(CommitLog log, CommitNumber from, CommitNumber upTo, List<RunFile> runs)
    {
        using var reader = log.Read(from);
        while (reader.TryRead(out var record) && (record.Commit < upTo || record.Commit == upTo))
        {
            if (record.Kind == RecordKind.Close && record.Commit == upTo) break;
            if (record.Kind != RecordKind.State) continue;
            if (!_run.HasRoomFor(record.Payload.Length)) Spill(runs);
            _run.Add(record.Payload.Span);
        }

        _run.Sort();
        if (runs.Count > 0 && _run.Count > 0) Spill(runs);
    }

    private void Spill(List<RunFile> runs)
    {
        Directory.CreateDirectory(_folder);
        _run.Sort();
        runs.Add(RunFile.Write(Path.Combine(_folder, $"{runs.Count:D4}.run"), _run));
        _run.Clear();
    }

    private void WriteRun(SortedFileWriter files)
    {
        for (var i = 0; i < _run.Count; i++) Write(_run.Change(i), files);
    }

    // The runs are in the order of the commits: of equal keys the one in the latest run counts.
    private static void Merge(List<RunFile> runs, SortedFileWriter files)
    {
        while (true)
        {
            RunFile? least = null;
            foreach (var run in runs)
                if (run.HasCurrent && (least is null || run.Key.SequenceCompareTo(least.Key) <= 0)) least = run;
            if (least is null) return;
            foreach (var run in runs)
                if (run != least && run.HasCurrent && run.Key.SequenceEqual(least.Key)) run.Advance();
            Write(least.Change, files);
            least.Advance();
        }
    }

    private static void Write(ReadOnlySpan<byte> change, SortedFileWriter files)
    {
        Check.That(StateChanges.TryRead(ref change, out var key, out var value, out var isDelete));
        if (isDelete) files.Delete(key);
        else files.Put(key, value);
    }
}
