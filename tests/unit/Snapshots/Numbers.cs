using System.Globalization;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Unit.Snapshots;

/// <summary>The numbers from 1 on, a hundred in a slice, readable again from any place.</summary>
internal sealed class Numbers(long until) : ISource<long>, ISourceOrigin, ISourceReader
{
    private readonly TaskCompletionSource _acknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A commit is durable and delivered.</summary>
    public Task Acknowledged => _acknowledged.Task;

    public string Name => "numbers";

    public ISourceOrigin Origin => this;

    public string Partition => "numbers";

    public string Description => "numbers";

    public ISourceReader Open(IReadOnlyList<ISource> sources) => this;

    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        var at = context.Resume is { } resume ? long.Parse(resume.Text, CultureInfo.InvariantCulture) : 0;
        context.Streaming();
        while (at < until)
        {
            var rows = new RowBuffer<long>(100);
            for (var i = 0; i < 100 && at < until; i++) rows.Add(++at);
            await context.Input.WriteAsync(new InputSlice { Position = new Position(at.ToString(CultureInfo.InvariantCulture)), Rows = [(0, rows)], Bytes = 800 }, stop);
        }
    }

    public void Acknowledge(Position position) => _acknowledged.TrySetResult();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
