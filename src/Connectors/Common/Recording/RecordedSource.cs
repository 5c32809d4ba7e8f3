using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>An origin of which everything read is also written to a file. In the frontier it is the origin itself.</summary>
internal sealed record RecordedOrigin(ISourceOrigin Inner, string FilePath) : ISourceOrigin
{
    public string Partition => Inner.Partition;

    public string Description => $"{Inner.Description}, recorded to {FilePath}";

    public ISourceReader Open(IReadOnlyList<ISource> sources)
    {
        ISource[] inner = [.. sources.Cast<IRecordedSource>().Select(s => s.Inner)];
        return new RecordingReader(this, Inner.Open(inner), [.. inner.Select(s => (s.Name, RowListJson.Of(s.RowType)))]);
    }
}

/// <summary>A source that is recorded.</summary>
internal interface IRecordedSource
{
    ISource Inner { get; }
}

/// <inheritdoc/>
internal sealed record RecordedSource<TRow>(ISource<TRow> Source, RecordedOrigin Place) : ISource<TRow>, IRecordedSource
{
    public string Name => Source.Name;

    public ISourceOrigin Origin => Place;

    public bool SaysAgain => ((ISource)Source).SaysAgain;

    public ISource Inner => Source;
}

/// <summary>Lets a reader run, and writes each slice down before it is handed on.</summary>
internal sealed class RecordingReader(RecordedOrigin origin, ISourceReader inner, (string Name, IRowListJson Rows)[] sources) : ISourceReader
{
    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        using var file = DiskFaults.Tell(() => RecordingFile.Open(origin.FilePath, origin.Partition, sources, context.Resume), $"Opening the recording {origin.FilePath}");
        var recorded = new SourceContext
        {
            Resume = context.Resume, Input = new Queue(context, file, origin.FilePath), PipelineName = context.PipelineName, Logger = context.Logger, Time = context.Time,
            Scratch = context.Scratch, Streaming = context.Streaming,
        };
        await inner.RunAsync(recorded, stop).ConfigureAwait(false);
    }

    public void Acknowledge(Position position) => inner.Acknowledge(position);

    public string Describe(Position position) => inner.Describe(position);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Queue(SourceContext context, RecordingFile file, string path) : IInputQueue
    {
        private readonly long _began = context.Time.GetTimestamp();

        public ValueTask WriteAsync(InputSlice slice, CancellationToken cancellationToken)
        {
            Record(slice);
            return context.Input.WriteAsync(slice, cancellationToken);
        }

        public Task CommitAsync(Position position, CancellationToken cancellationToken)
        {
            Record(new InputSlice { Position = position });
            return context.Input.CommitAsync(position, cancellationToken);
        }

        private void Record(InputSlice slice) => DiskFaults.Tell(
            () =>
            {
                file.Write(slice, context.Time.GetElapsedTime(_began));
                return true;
            },
            $"Writing to the recording {path}");
    }
}
