using System.Globalization;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Unit.Evolution;

/// <summary>A source over a list that outlives the process; it ends at the end of the list. Nothing before a position can be read again.</summary>
internal sealed class ListSource<TRow>(string name, List<TRow> rows) : ISource<TRow>, ISourceOrigin
{
    public string Name => name;

    public ISourceOrigin Origin => this;

    public string Partition => $"list:{name}";

    public string Description => $"list {name}";

    public ISourceReader Open(IReadOnlyList<ISource> sources) => new Reader(rows);

    private sealed class Reader(List<TRow> rows) : ISourceReader
    {
        private const int RowsOfSlice = 7;

        public async Task RunAsync(SourceContext context, CancellationToken stop)
        {
            context.Streaming();
            var at = context.Resume is { } resume ? int.Parse(resume.Text, CultureInfo.InvariantCulture) : 0;
            while (at < rows.Count)
            {
                var slice = new RowBuffer<TRow>();
                for (var until = Math.Min(rows.Count, at + RowsOfSlice); at < until; at++) slice.Add(rows[at]);
                await context.Input.WriteAsync(new InputSlice { Position = new Position(at.ToString(CultureInfo.InvariantCulture)), Rows = [(0, slice)], Bytes = 100 }, stop);
            }
        }

        public void Acknowledge(Position position)
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
