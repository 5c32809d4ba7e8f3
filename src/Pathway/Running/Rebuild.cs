using Pathway.Checkpointing;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Execution;
using Pathway.Planning;
using Pathway.Storage;

namespace Pathway.Running;

/// <summary>Carries a change of the plan out, before the pipeline goes on: makes states anew, and gives targets what makes them right.</summary>
/// <remarks>
/// <para>First the steps whose state is made anew take in the rows that kept steps have, slice by slice; their state goes into RocksDB beside that of the plan before, under numbers of its own. Then sinks take in the
/// tables that their targets are to get, and one commit holds that output. With this commit the new plan counts (<see cref="PlanTransition"/>): killed before it, everything begins again from the plan before.</para>
/// </remarks>
internal sealed class Rebuild(PlanChange change, StateFolder folder, PipelineEngine engine, CommitWriter commits, Plan plan, SecondReading sources)
{
    /// <summary>So many rows are taken in at least between two times that state is stored.</summary>
    private const long RowsMin = 100_000;

    /// <summary>Formatted output above this goes to the log.</summary>
    private const int OutputBytesMax = 4 << 20;

    private readonly CommitBuffers _buffers = new(engine);
    private readonly Checkpointer _checkpointer = new(folder.Paths.Fold, new CheckpointOptions());
    private readonly CommitNumber _number = folder.Log.Durable.Next();
    private Epoch _epoch = folder.Index.Last?.Epoch ?? default;

    /// <summary>Does it; returns the commit that holds it.</summary>
    public DurableCommit Run(CancellationToken stop)
    {
        Check.That(folder.Db.Checkpoint == folder.Log.Durable);
        FailPoint.Hit(FailPoints.RebuildBegun);
        BuildStates(stop);
        DeliverTables(stop);
        var commit = Commit();
        FailPoint.Hit(FailPoints.RebuildCommitted);
        folder.EndTransition();
        return commit;
    }

    private void BuildStates(CancellationToken stop)
    {
        foreach (var (node, (before, conversion)) in change.Conversions) change.Building.Conversions.Add(node, (NumberOf(before), conversion));
        if (change.Building.Runs.Count == 0 && change.Conversions.Count == 0) return;
        long rows = 0;
        engine.BeginPass(change.Building);
        Run(change.Building, stop, taken =>
        {
            rows += taken;
            if (rows < RowsMin || folder.States.CacheBytes < folder.States.CacheBytesMax) return;
            Store();
            rows = 0;
        });
        engine.EndPass();
        Store();
    }

    // First what kept steps have, then what sources have.
    private void Run(Pass pass, CancellationToken stop, Action<long> stepped)
    {
        while (!engine.IsFed) Step();
        sources.Read(
            [.. Enumerable.Range(0, plan.Inputs.Count).Where(i => pass.Passes.Contains(plan.InputNodes[i]))],
            slice =>
            {
                foreach (var (input, rows) in slice) engine.Push(input, rows);
                Step();
            },
            stop);

        void Step()
        {
            stop.ThrowIfCancellationRequested();
            stepped(engine.StepPass(_epoch = _epoch.Next()));
        }
    }

    // In RocksDB at once rather than through the log: so states of any size need no more memory than the budget, and the plan before knows nothing of them.
    private void Store()
    {
        engine.DropDeferred();
        var changes = Enumerable.Range(0, engine.ChangesOfCommit).Select(_ => new StateChanges()).ToList();
        engine.SaveChanges(changes, folder.Db.Checkpoint);
        _checkpointer.Add(changes, folder.Db);
        foreach (var each in changes) each.Dispose();
        engine.Maintain();
        FailPoint.Hit(FailPoints.RebuildStored);
    }

    private void DeliverTables(CancellationToken stop)
    {
        if (change.Delivering.Runs.Count == 0) return;
        engine.BeginPass(change.Delivering);
        foreach (var correction in change.Corrections) engine.BeginCorrection(correction.Sink, NumberOf(correction.Keys));
        Run(change.Delivering, stop, _ =>
        {
            HandOver();
            engine.Maintain();
        });
        engine.EndPass();
        foreach (var correction in change.Corrections) engine.EndCorrection(correction.Sink);
        HandOver();
    }

    private OperatorId NumberOf(string before) => new(folder.Manifest.Transition!.Operators[before]);

    private void HandOver()
    {
        engine.CloseOutput(_epoch);
        if (_buffers.OutputBytes < OutputBytesMax) return;
        var buffers = _buffers.Take(withChanges: false);
        commits.Submit(new PendingCommit { Number = _number, Epoch = _epoch, Frontier = Frontier.Empty, Outputs = buffers.Outputs, IsPart = true, Done = buffers.Return });
    }

    private DurableCommit Commit()
    {
        FailPoint.Hit(FailPoints.RebuildBeforeCommit);
        var (buffers, durable) = (_buffers.Take(withChanges: false), default(DurableCommit));
        commits.Submit(new PendingCommit
        {
            Number = _number, Epoch = _epoch, Outputs = buffers.Outputs, Done = buffers.Return, Durable = commit => durable = commit,
            // A source that isn't read any more is forgotten: read again later, it begins at its beginning, as the steps behind it do.
            Frontier = (folder.Index.Last?.Frontier ?? Frontier.Empty).Only([.. plan.Inputs.Select(i => i.Origin.Partition)]),
        });
        commits.Drain();
        return durable!;
    }
}
