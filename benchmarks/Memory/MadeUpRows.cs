using System.Globalization;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Benchmarks;

/// <summary>Rows made by their number, of a known size, some hundred in a transaction, or all of them in one that comes in parts; a restart goes on behind the last.</summary>
internal sealed record MadeUpRows<TRow>(string Name, long Rows, int RowBytes, bool AreOneTransaction, Func<long, TRow> RowOf) : ISource<TRow>, ISourceOrigin, ISourceReader
{
    private const int RowsOfSlice = 500;

    public ISourceOrigin Origin => this;

    public string Partition => Name;

    public string Description => Name;

    public ISourceReader Open(IReadOnlyList<ISource> sources) => this;

    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        for (var from = context.Resume is { } read ? long.Parse(read.Text, CultureInfo.InvariantCulture) : 0; from < Rows;)
        {
            var until = Math.Min(Rows, from + RowsOfSlice);
            var rows = new RowBuffer<TRow>();
            for (var n = from; n < until; n++) rows.Add(RowOf(n));
            await context.Input.WriteAsync(new InputSlice { Position = new Position(until.ToString(CultureInfo.InvariantCulture)), EndsTransaction = until == Rows || !AreOneTransaction, Rows = [(0, rows)], Bytes = rows.Count * RowBytes }, stop);
            from = until;
        }
    }

    public void Acknowledge(Position position)
    {
        // It forgets nothing.
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
