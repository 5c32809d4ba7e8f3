using System.Collections.Concurrent;
using Pathway.Core;
using Pathway.Execution;
using Pathway.Storage;

namespace Pathway.Running;

/// <summary>The buffers that commits travel in: filled by the engine, emptied by the commit writer, used again.</summary>
internal sealed class CommitBuffers(PipelineEngine engine)
{
    private readonly ConcurrentBag<OutputBuffer> _outputs = [];
    private readonly ConcurrentBag<StateChanges> _changes = [];

    /// <summary>Bytes of output that the engine has formatted since the last <see cref="Take"/>.</summary>
    public long OutputBytes
    {
        get
        {
            long bytes = 0;
            foreach (var output in engine.Outputs) bytes += output.Buffer.Bytes.Length;
            return bytes;
        }
    }

    /// <summary>Takes the engine's output buffers, and gives it empty ones.</summary>
    public Filled Take(bool withChanges)
    {
        var outputs = new (string, OutputBuffer)[engine.Outputs.Count];
        for (var i = 0; i < outputs.Length; i++)
        {
            var output = engine.Outputs[i];
            outputs[i] = (output.Factory.Name, output.Buffer);
            output.Buffer = _outputs.TryTake(out var empty) ? empty : new OutputBuffer();
        }

        return new Filled(this, outputs, withChanges ? [.. Enumerable.Range(0, engine.ChangesOfCommit).Select(_ => _changes.TryTake(out var changes) ? changes : new StateChanges())] : []);
    }

    /// <summary>Buffers on their way to the log.</summary>
    internal sealed record Filled(CommitBuffers Owner, IReadOnlyList<(string Target, OutputBuffer Output)> Outputs, IReadOnlyList<StateChanges> Changes)
    {
        /// <summary>Gives them back, empty.</summary>
        public void Return()
        {
            foreach (var (_, output) in Outputs)
            {
                output.Clear();
                Owner._outputs.Add(output);
            }

            foreach (var changes in Changes)
            {
                changes.Clear();
                Owner._changes.Add(changes);
            }
        }
    }
}
