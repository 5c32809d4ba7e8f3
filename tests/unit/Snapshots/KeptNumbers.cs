using System.Globalization;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Unit.Snapshots;

/// <summary>The numbers from 1 on, in slices of any length, readable again from any place.</summary>
internal sealed class KeptNumbers(string name, long until, Func<int> sliceRows) : ISource<long>, IKeptOrigin, ISourceReader
{
    public string Name => name;

    public ISourceOrigin Origin => this;

    public string Partition => name;

    public string Description => name;

    public ISourceReader Open(IReadOnlyList<ISource> sources) => this;

    public string? WhyNotAgain(Position? from, Position? to) => to is null || (At(from) <= At(to) && At(to) <= until) ? null : $"it ends at {until}";

    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        var at = At(context.Resume);
        var stops = new StopsAhead(name, context.Stops.Select(s => At(s)));
        context.Streaming();
        while (at < until)
        {
            var end = Math.Min(Math.Min(until, at + sliceRows()), stops.Next);
            stops.Reach(end);
            var rows = new RowBuffer<long>((int)(end - at));
            while (at < end) rows.Add(++at);
            await context.Input.WriteAsync(new InputSlice { Position = new Position(at.ToString(CultureInfo.InvariantCulture)), Rows = [(0, rows)], Bytes = 800 }, stop);
        }
    }

    public void Acknowledge(Position position)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static long At(Position? position) => position is { } at ? long.Parse(at.Text, CultureInfo.InvariantCulture) : 0;
}
