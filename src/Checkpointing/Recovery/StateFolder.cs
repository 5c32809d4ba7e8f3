using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>An open state directory: lock, manifest, RocksDB at its checkpoint, the log behind it.</summary>
/// <remarks>
/// Order (protocol, section 5): <see cref="Open"/>; <see cref="Adopt"/> if a lost directory is replaced; the operators register their states in <see cref="States"/>; <see cref="Replay"/>; then claim the targets.
/// </remarks>
public sealed class StateFolder : IDisposable
{
    private readonly DirectoryLock _lock;
    private readonly StatePaths _paths;
    private readonly IDisk _disk;
    private readonly CommitLogOptions _logOptions;

    private StateFolder(DirectoryLock taken, StatePaths paths, IDisk disk, Manifest manifest, StateDb db, CommitLog log, StateStores states, CommitLogOptions logOptions)
    {
        (_lock, _paths, _disk, Manifest, Db, Log, States, _logOptions) = (taken, paths, disk, manifest, db, log, states, logOptions);
    }

    /// <summary>Who we are.</summary>
    public Manifest Manifest { get; private set; }

    /// <summary>RocksDB.</summary>
    public StateDb Db { get; }

    /// <summary>The commit log.</summary>
    public CommitLog Log { get; private set; }

    /// <summary>The operators' state.</summary>
    public StateStores States { get; }

    /// <summary>The durable commits that the log still holds.</summary>
    public CommitIndex Index { get; } = new();

    /// <summary>The closing record of the last commit; null before the first. Known after <see cref="Replay"/>.</summary>
    public CommitHeader? Last { get; private set; }

    /// <summary>Whether this directory never made a commit.</summary>
    public bool IsFresh => Log.Durable == CommitNumber.None;

    /// <summary>Paths inside the directory.</summary>
    public StatePaths Paths => _paths;

    /// <summary>Opens a state directory, or makes it.</summary>
    /// <exception cref="RefusalException">Locked, of another pipeline, of another plan, damaged.</exception>
    public static StateFolder Open(StateFolderOptions options)
    {
        var paths = new StatePaths(Path.GetFullPath(options.Directory));
        var taken = DirectoryLock.Take(paths);
        StateDb? db = null;
        CommitLog? log = null;
        try
        {
            var found = Manifest.Load(paths);
            if (Directory.Exists(paths.Frozen)) Directory.Delete(paths.Frozen, recursive: true); // of a snapshot that a stop or a crash met
            foreach (var left in (string[])[paths.Spill, paths.SpillRuns]) StateSpill.Clear(left);
            RefuseStranger(paths, found, options.Name);
            // Before anything is touched: a plan that is refused leaves everything to the one before.
            var evolution = found is { Transition: null } ? Evolve(found, options) : null;
            db = StateDb.Open(paths.State, options.Db);
            log = CommitLog.Open(options.Disk, paths.Log, db.Checkpoint, options.Log);
            if (found?.Transition is { } begun)
            {
                found = log.Durable.Value > begun.Behind ? found with { Transition = null } : found.Reverted();
                evolution = Evolve(found, options);
                db.KeepOnly(found.Operators.Values, found.NextOperator);
            }

            // Replayed, it would all lie in memory until a checkpoint.
            if (log.Bytes > options.StateLimits.BudgetBytes / 2) new Checkpointer(paths.Fold, new CheckpointOptions { FoldBytes = (int)Math.Clamp(options.StateLimits.BudgetBytes / 8, 1L << 20, 64L << 20) }).Fold(log, db, log.Durable);
            var manifest = found ?? new Manifest { Name = options.Name, Pipeline = PipelineId.New().Value, Incarnations = [], Operators = new Dictionary<string, uint>(), Plan = options.Plan };
            manifest = (evolution is null ? manifest.For(options.Plan, options.States) : Change(manifest, evolution, options.Plan, paths, db, log)).Restarted(Incarnation.New(), options.Now);
            manifest.Save(paths);
            if (evolution is not null && manifest.Transition is null) db.KeepOnly(manifest.Operators.Values, manifest.NextOperator);
            return new StateFolder(taken, paths, options.Disk, manifest, db, log, new StateStores(db, options.StateLimits, options.Workers), options.Log);
        }
        catch
        {
            log?.Dispose();
            db?.Dispose();
            taken.Dispose();
            throw;
        }
    }

    /// <summary>The number of the state called <paramref name="path"/>.</summary>
    public OperatorId OperatorOf(string path) => new(Manifest.Operators[path]);

    /// <summary>Makes this new directory the successor of a lost one: its identity, its ancestry, and a log that begins behind the marker's commit.</summary>
    public void Adopt(Marker marker, DateTimeOffset now)
    {
        Check.That(IsFresh);
        Manifest = Manifest with
        {
            Pipeline = marker.Pipeline.Value,
            Incarnations = [new Manifest.Start(marker.Incarnation.Value, null, now), Manifest.Incarnations[^1] with { Parent = marker.Incarnation.Value }],
        };
        Manifest.Save(_paths);
        using (var checkpoint = Db.BeginCheckpoint(marker.Commit)) checkpoint.Ingest();
        Log.Dispose();
        Log = CommitLog.Create(_disk, _paths.Log, marker.Commit, _logOptions);
        var summary = new CommitSummary(marker.Commit.Next(), default, marker.Frontier, []);
        Log.Close(summary.Number, new CommitHeader(summary, Manifest.Current, [new DeliveredMarker(marker)]).ToBytes());
        Log.Sync();
    }

    /// <summary>Brings the log behind the checkpoint into the registered states, and reads which commits there are.</summary>
    public void Replay()
    {
        using var reader = Log.Read(Log.First);
        while (Log.First != CommitNumber.None && reader.TryRead(out var record))
        {
            if (record.Kind == RecordKind.State && record.Commit > Db.Checkpoint) States.Replay(record.Payload.Span, record.Commit);
            if (record.Kind != RecordKind.Close) continue;
            Last = CommitHeader.FromBytes(record.Header.Span);
            Index.Add(Last.Summary);
        }

        States.Covered(Db.Checkpoint);
        FailPoint.Hit(FailPoints.RecoveryAfterReplay);
    }

    /// <summary>The change of the plan that is under way is durable, with all that it gave out: states that no step has any more are deleted.</summary>
    public void EndTransition()
    {
        Check.That(Manifest.Transition is not null && Log.Durable.Value > Manifest.Transition.Behind);
        Db.KeepOnly(Manifest.Operators.Values, Manifest.NextOperator);
        Manifest = Manifest with { Transition = null };
        Manifest.Save(_paths);
    }

    /// <summary>All targets are claimed; <paramref name="ahead"/> are those markers up to which input is replayed.</summary>
    public void Claimed(IEnumerable<Marker> ahead)
    {
        var replays = ahead.Select(ReplayedMarker.Of).ToList();
        if (Manifest.RestoredFrom is null && (Manifest.Replays ?? []).SequenceEqual(replays)) return;
        Manifest = Manifest with { RestoredFrom = null, Replays = replays.Count > 0 ? replays : null };
        Manifest.Save(_paths);
    }

    /// <summary>The newest marker of <paramref name="target"/> that the log has on record.</summary>
    public DeliveredMarker? RecordedFor(string target)
    {
        foreach (var delivered in Last?.Delivered ?? [])
            if (delivered.Marker.Target == target) return delivered;
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Log.Dispose();
        States.Dispose();
        Db.Dispose();
        _lock.Dispose();
    }

    private static void RefuseStranger(StatePaths paths, Manifest? found, string name)
    {
        if (found is null && (Directory.Exists(paths.Log) || Directory.Exists(paths.State)))
            throw new RefusalException($"'{paths.Root}' holds a log or state without a manifest", "no pipeline.json", "the manifest of the pipeline", "Restore it, or use an empty directory.");
        if (found is not null && found.Name != name)
            throw new RefusalException($"'{paths.Root}' is the state of another pipeline", $"pipeline '{found.Name}'", $"'{name}'", "Give each pipeline a state directory of its own, or keep the name.");
    }

    private static StateEvolution? Evolve(Manifest found, StateFolderOptions options)
    {
        if (found.Plan.IsSameAs(options.Plan)) return null;
        return options.Evolve is { } evolve ? evolve(found) : throw new RefusalException("the plan differs from the one that wrote the state", "another plan", "the same plan", "Use the plan that wrote the state.");
    }

    // Only the plan that wrote the log can replay it: another one finds everything in RocksDB.
    private static Manifest Change(Manifest manifest, StateEvolution evolution, PlanDescription plan, StatePaths paths, StateDb db, CommitLog log)
    {
        new Checkpointer(paths.Fold, new CheckpointOptions()).Fold(log, db, log.Durable);
        var changed = manifest.For(plan, evolution.States);
        var begins = evolution.NeedsRebuild && log.Durable != CommitNumber.None;
        return begins ? changed with { Transition = new PlanTransition(log.Durable.Value, manifest.Plan, manifest.Operators, manifest.Left) } : changed;
    }
}
