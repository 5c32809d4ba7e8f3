using Pathway.Checkpointing;
using Pathway.Core;
using Pathway.Execution;
using Pathway.Running;
using Pathway.Storage;

namespace Pathway.Benchmarks;

/// <summary>What the run loop does with each slice and at each commit.</summary>
internal sealed class EngineRun(PipelineEngine engine, StateStores states, CommitWriter commits)
{
    private readonly CommitBuffers _buffers = new(engine);
    private Epoch _epoch;
    private CommitNumber _number;

    public CommitWriter Commits => commits;

    public void Step(IRowBuffer rows, int input = 0)
    {
        _epoch = _epoch.Next();
        engine.Push(input, rows);
        engine.Step(_epoch);
        engine.Maintain();
    }

    public long Commit()
    {
        engine.CloseOutput(_epoch);
        var buffers = _buffers.Take(withChanges: true);
        _number = _number.Next();
        engine.SaveChanges(buffers.Changes, _number);
        var bytes = buffers.Changes.Sum(c => (long)c.Bytes.Length);
        commits.Submit(new PendingCommit
        {
            Number = _number, Epoch = _epoch, Frontier = Frontier.Empty, Outputs = buffers.Outputs, Changes = buffers.Changes, Done = buffers.Return, Durable = durable => states.Covered(durable.Number),
        });
        return bytes;
    }
}
