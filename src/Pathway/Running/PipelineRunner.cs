using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Pathway.Checkpointing;
using Pathway.Core;
using Pathway.Execution;
using Pathway.Planning;

namespace Pathway.Running;

/// <summary>The life of a pipeline, from start to stop. Read this first.</summary>
/// <remarks>
/// <para>Input queues → epochs → the circuit → (input idle, or 100 ms) commit: state changes, frontier and output into the commit log, one sync → <see cref="DurableCommit"/> →
/// targets deliver, marker last → sources acknowledge. Behind it, checkpoints fold durable commits into RocksDB.</para>
/// <para>Threads: a task for each source and each target, one thread for the engine, one for the commit writer, one task for checkpoints. Values go between them, nothing else.</para>
/// </remarks>
internal sealed class PipelineRunner(string name, Plan plan, PipelineOptions options, PipelineStatus status, SnapshotRequests requests, ILogger logger, TimeProvider time)
{
    private readonly MemoryShares _shares = new(options.MemoryBytes);

    /// <summary>Runs until <paramref name="stop"/> or until all sources have ended and everything is delivered.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var sources = new SourceSet(plan.Inputs);
        PlanChange? change = null;
        using var folder = StateFolder.Open(FolderOptions(before =>
        {
            change = PlanChange.Between(before.Plan, before.Left, plan);
            change.Require(options.AcceptPlan);
            return change.Evolution;
        }));
        if (Directory.Exists(folder.Paths.Scratch)) Directory.Delete(folder.Paths.Scratch, recursive: true);
        using var engine = new PipelineEngine(plan, folder.States, folder.OperatorOf, options.OnError);
        await using var targets = TargetSet.Open(engine.Outputs, name, folder, logger, time);
        await targets.AdoptAsync(options.AdoptMarker, options.Retry, stop).ConfigureAwait(false);
        folder.Replay();
        var from = folder.Index.Last?.Frontier ?? Frontier.Empty;
        var ahead = await targets.ClaimAsync(options.Retry, to => WhyNotReplay(folder, sources, from, to), stop).ConfigureAwait(false);
        var course = ReplayCourse.Of(ahead, (one, other) => WhyNotReplay(folder, sources, one, other));
        if (folder.Manifest.Transition is not null) await RebuildAsync(change!, folder, engine, targets, stop).ConfigureAwait(false);
        status.SetStart(Describe(folder, sources, targets));
        await RunAsync(folder, engine, sources, targets, course, stop).ConfigureAwait(false);
    }

    private async Task RunAsync(StateFolder folder, PipelineEngine engine, SourceSet sources, TargetSet targets, ReplayCourse course, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop); // asked to stop, at the end of the input, or something failed
        using var hard = new CancellationTokenSource();
        using var commits = new CommitWriter(folder.Log, folder.Index, folder.Manifest.Current, targets.Delivered, logger, time);
        using var endOfPatience = ending.Token.Register(commits.StopWaitingForRoom);
        var folds = options.Checkpoints with { FoldBytes = _shares.Fold(options.Checkpoints.FoldBytes) };
        using var checkpoints = new CheckpointLoop(folder, folds, () => targets.RecordedEverywhere(commits.Recorded), logger, time);
        await using var snapshots = new SnapshotMaker(name, checkpoints, logger, time);
        var queue = new InputQueue(_shares.Queue(options.QueueBytes));
        var loop = new EngineLoop(engine, folder.States, queue, commits, sources, targets, course, folder.Index.Last, status, options, time, durable =>
        {
            status.SetCommitted(durable.Number);
            targets.Release(durable);
            checkpoints.Release(durable);
            if (targets.Loops.Count == 0) Acknowledge(); // else when a marker moves
        }, checkpoints, new Spiller(folder, folds));
        checkpoints.Covered = queue.Pulse;
        (targets.Advanced, targets.BecameIdle) = (Acknowledge, queue.Pulse);
        Watch(folder, targets, engine);

        var reading = sources.RunAsync(name, folder.Index.Last?.Frontier ?? Frontier.Empty, folder.Paths.Scratch, queue, course, status, logger, time, ending.Token);
        var stepping = Task.Factory.StartNew(() => loop.Run(ending.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var delivering = targets.RunAsync(hard.Token);
        var folding = checkpoints.RunAsync(ending.Token);
        var keeping = options.Snapshots is { } scheduled ? new SnapshotLoop(scheduled, name, snapshots, logger, time).RunAsync(ending.Token) : Task.CompletedTask;
        requests.Serve(snapshots);
        await Task.WhenAny(stepping, commits.Failure, delivering, folding, FailureOf(reading), FailureOf(keeping), Cancelled(ending.Token)).ConfigureAwait(false);

        requests.Serve(null);
        // However it ends: what is whole is committed, what is durable is delivered if that works in time, and upstream is told.
        await ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(reading, stepping, folding, keeping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        targets.Finish();
        await Task.WhenAny(delivering, Task.Delay(options.StopWithin, time, CancellationToken.None)).ConfigureAwait(false);
        await hard.CancelAsync().ConfigureAwait(false);
        await delivering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stepping.IsCompletedSuccessfully && !commits.Failure.IsCompleted && targets.HasUnrecorded) loop.RecordDelivered();
        status.Freeze();
        if (targets.RowsUndelivered is var left and > 0) logger.StoppedWithUndelivered(left, folder.Paths.Root);
        if (stop.IsCancellationRequested && commits.Failure is { IsFaulted: true, Exception.InnerException: Storage.DiskFullException full })
        {
            logger.StoppedWithFullDisk(full.Message);
            Rethrow(reading, folding, delivering);
            return;
        }

        Rethrow(commits.Failure, stepping, reading, folding, delivering, keeping);

        void Acknowledge()
        {
            if (targets.TakeFrontierToAcknowledge() is { } frontier) sources.Acknowledge(frontier);
        }
    }

    // Replayed input has to give what it gave: pure functions do, and answers from outside don't.
    private string? WhyNotReplay(StateFolder folder, SourceSet sources, Frontier from, Frontier to)
    {
        if (folder.Manifest.Transition is not null) return "the plan changes at the same time; start the plan that wrote the snapshot first";
        var steps = plan.Description.Steps;
        if (steps.FirstOrDefault(s => s.Kind is "Ask" or "Memoized") is { } impure) return $"{impure.Path} keeps answers that would be others now";
        return sources.WhyNotReplay(from, to, steps.FirstOrDefault(DependsOnOrder)?.Path);
    }

    private static bool DependsOnOrder(PlanStep step) => step.Kind is "Deduplicate" or "Scan" or "Number" or "Remember"
        || (step.Kind == "GroupBy" && (step.Text.Contains(".Earliest(", StringComparison.Ordinal) || step.Text.Contains(".Latest(", StringComparison.Ordinal) || step.Text.Contains(".Fold(", StringComparison.Ordinal)));

    private Task RebuildAsync(PlanChange change, StateFolder folder, PipelineEngine engine, TargetSet targets, CancellationToken stop) => Task.Run(
        () =>
        {
            using var commits = new CommitWriter(folder.Log, folder.Index, folder.Manifest.Current, targets.Delivered, logger, time);
            var sources = new SecondReading(plan, folder.Index.Last?.Frontier ?? Frontier.Empty, name, folder.Paths.Scratch, options.QueueBytes, logger, time);
            targets.Release(new Rebuild(change, folder, engine, commits, plan, sources).Run(stop));
        },
        stop);

    private StateFolderOptions FolderOptions(Func<Manifest, StateEvolution> evolve) => new()
    {
        Directory = options.StateDirectory, Name = name, Plan = plan.Description, States = plan.StatePaths, Evolve = evolve, Workers = options.Workers, Now = time.GetUtcNow(),
        Db = new Storage.StateDbOptions { BlockCacheBytes = _shares.BlockCache }, StateLimits = new Storage.StateOptions { BudgetBytes = _shares.CachesAtFirst },
    };

    private StartReport Describe(StateFolder folder, SourceSet sources, TargetSet targets) => new(
        name, folder.Paths.Root, folder.Log.Durable,
        [.. sources.Describe(folder.Index.Last?.Frontier ?? Frontier.Empty)],
        [.. targets.Describe()]);

    private void Watch(StateFolder folder, TargetSet targets, PipelineEngine engine) =>
        status.Watch(new PipelineStatus.Gauges(() => targets.RowsDelivered, () => targets.RowsUndelivered, () => folder.Log.Bytes, () => folder.Db.SizeBytes, () => engine.RowErrors, () => engine.OpenQuestions));

    // Completes only when the task fails: a source that ends well ends the pipeline through the engine, which takes what is left in the queue.
    private static Task FailureOf(Task task)
    {
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        task.ContinueWith(_ => failed.TrySetResult(), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return failed.Task;
    }

    private static Task Cancelled(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(() => cancelled.TrySetResult());
        return cancelled.Task;
    }

    private static void Rethrow(params ReadOnlySpan<Task> tasks)
    {
        foreach (var task in tasks)
            if (task.IsFaulted) ExceptionDispatchInfo.Throw(task.Exception.InnerException!);
    }
}
