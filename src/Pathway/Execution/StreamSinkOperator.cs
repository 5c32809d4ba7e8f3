using Pathway.Connectors;
using Pathway.Engine;

namespace Pathway.Execution;

/// <summary>Formats the events of a stream at once, in order.</summary>
internal sealed class StreamSinkOperator<TRow>(Batch<TRow> input, IStreamFormatter<TRow> formatter, OutputPart output) : SinkOperator
{
    public override void Step()
    {
        if (input.Count > 0) formatter.Format(input.Rows, output.Buffer);
    }
}
