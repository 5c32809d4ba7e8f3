using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>What is in a state directory, read without changing anything.</summary>
public sealed record StateInspection
{
    /// <summary>The directory's paths.</summary>
    public required StatePaths Paths { get; init; }

    /// <summary>Who it belongs to.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>The commit log.</summary>
    public required LogInspection Log { get; init; }

    /// <summary>The commit up to which RocksDB holds the state.</summary>
    public required CommitNumber Checkpoint { get; init; }

    /// <summary>Bytes of RocksDB's files.</summary>
    public required long StateBytes { get; init; }

    /// <summary>The closing record of the last commit; null before the first.</summary>
    public required CommitHeader? Last { get; init; }

    /// <summary>What the log has for each target.</summary>
    public required IReadOnlyList<Outbox> Targets { get; init; }

    /// <summary>The output of one target.</summary>
    /// <param name="Target">The target's name.</param>
    /// <param name="Delivered">Its newest marker on record; the target itself may be further. Null if none is.</param>
    /// <param name="Commits">Commits with output that isn't delivered as far as we know.</param>
    /// <param name="Rows">The rows of it.</param>
    /// <param name="Bytes">The bytes of it.</param>
    public sealed record Outbox(string Target, Marker? Delivered, long Commits, long Rows, long Bytes);

    /// <summary>Looks at a state directory whose pipeline doesn't run; every record of the log is read.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="verify">Whether to read every block of RocksDB, too.</param>
    /// <exception cref="ConfigurationException">There is no state directory.</exception>
    /// <exception cref="RefusalException">In use, or damaged.</exception>
    public static StateInspection Run(string directory, bool verify)
    {
        var paths = new StatePaths(Path.GetFullPath(directory));
        RequireManifest(paths);
        using var taken = DirectoryLock.Take(paths);
        return Read(paths, verify);
    }

    /// <summary>Refuses what is no state directory, before anything is made in it.</summary>
    internal static void RequireManifest(StatePaths paths)
    {
        if (!File.Exists(paths.Manifest)) throw new ConfigurationException($"'{paths.Root}' is no state directory: it holds no {Path.GetFileName(paths.Manifest)}.");
    }

    /// <summary>Looks at a directory that nobody changes meanwhile.</summary>
    internal static StateInspection Read(StatePaths paths, bool verify)
    {
        var manifest = Manifest.Load(paths)!;
        using var db = StateDb.OpenReadOnly(paths.State);
        if (verify) db?.VerifyAllBlocks();
        var index = new CommitIndex();
        CommitHeader? last = null;
        var log = Directory.Exists(paths.Log) ? LogInspection.Run(new LocalDisk(), paths.Log, Close) : new LogInspection([], CommitNumber.None, CommitNumber.None);
        var checkpoint = db?.Checkpoint ?? CommitNumber.None;
        if (log.Last < checkpoint)
            throw new RefusalException($"the log in '{paths.Log}' doesn't reach the state", $"a log that ends with commit {log.Last}", $"commit {checkpoint} at least, which RocksDB holds", "Restore the state directory, or begin anew with an empty one and an empty target.");
        return new StateInspection
        {
            Paths = paths, Manifest = manifest, Log = log, Checkpoint = checkpoint, StateBytes = db?.SizeBytes ?? 0, Last = last,
            Targets = [.. TargetsOf(index, last).Select(target => OutboxOf(target, index, last))],
        };

        void Close(LogRecord record)
        {
            last = CommitHeader.FromBytes(record.Header.Span);
            index.Add(last.Summary);
        }
    }

    private static IEnumerable<string> TargetsOf(CommitIndex index, CommitHeader? last) =>
        index.After(CommitNumber.None, int.MaxValue).SelectMany(c => c.Outputs.Select(o => o.Target)).Concat((last?.Delivered ?? []).Select(d => d.Marker.Target)).Distinct().Order(StringComparer.Ordinal);

    private static Outbox OutboxOf(string target, CommitIndex index, CommitHeader? last)
    {
        var marker = last?.Delivered.Select(d => d.Marker).FirstOrDefault(m => m.Target == target);
        var left = index.After(marker?.Commit ?? CommitNumber.None, int.MaxValue).Select(c => c.OutputFor(target)).Where(o => o.Rows > 0).ToList();
        long commits = left.Count, rows = left.Sum(o => o.Rows), bytes = left.Sum(o => o.Bytes);
        if (marker is not { IsWhole: false } || index.Find(marker.Commit)?.OutputFor(target) is not { Rows: > 0 } begun) return new Outbox(target, marker, commits, rows, bytes);
        var rest = begun.Rows - marker.Offset;
        return new Outbox(target, marker, commits + 1, rows + rest, bytes + begun.Bytes * rest / begun.Rows);
    }
}
