using System.Globalization;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Tables written as text as sources: for examples, tests and batches.</summary>
public static class Markdown
{
    /// <summary>The rows of a table written as text (<see cref="MarkdownTable"/>). All such tables of a pipeline have one clock: rows of one <c>__time</c> come in one epoch, those of a later one in a later epoch.</summary>
    /// <param name="name">The name of the source.</param>
    /// <param name="text">The table.</param>
    /// <exception cref="ConfigurationException">The text isn't a table of such rows.</exception>
    public static ISource<Delta<TRow>> Rows<TRow>(string name, string text) => new MarkdownSource<TRow>(name, MarkdownTable.Parse<TRow>(text));
}

/// <summary>All tables written as text: read together, so that their times agree.</summary>
internal sealed class MarkdownOrigin : ISourceOrigin
{
    public static readonly MarkdownOrigin Shared = new();

    public string Partition => "markdown";

    public string Description => "tables written as text";

    public ISourceReader Open(IReadOnlyList<ISource> sources) => new MarkdownReader([.. sources.Cast<IMarkdownSource>()]);
}

/// <summary>A table written as text, whatever its rows.</summary>
internal interface IMarkdownSource
{
    IEnumerable<long> Times { get; }

    IRowBuffer RowsAt(long time);
}

internal sealed class MarkdownSource<TRow>(string name, IReadOnlyList<MarkdownRow<TRow>> rows) : ISource<Delta<TRow>>, IMarkdownSource
{
    public string Name => name;

    public ISourceOrigin Origin => MarkdownOrigin.Shared;

    public IEnumerable<long> Times => rows.Select(r => r.Time);

    public IRowBuffer RowsAt(long time)
    {
        var buffer = new RowBuffer<Delta<TRow>>();
        foreach (var row in rows)
            if (row.Time == time) buffer.Add(new Delta<TRow>(row.Row, row.Diff));
        return buffer;
    }
}

/// <summary>Hands the rows on, time by time. The position is the last time that was handed on.</summary>
internal sealed class MarkdownReader(IMarkdownSource[] sources) : ISourceReader
{
    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        context.Streaming();
        var last = context.Resume is { } position ? long.Parse(position.Text, CultureInfo.InvariantCulture) : (long?)null;
        foreach (var time in sources.SelectMany(s => s.Times).Distinct().Order())
        {
            if (time <= last) continue;
            var rows = sources.Select((s, input) => (input, s.RowsAt(time))).Where(r => r.Item2.Count > 0).ToList();
            await context.Input.WriteAsync(new InputSlice { Position = new Position(time.ToString(CultureInfo.InvariantCulture)), Rows = rows, Bytes = 64 * rows.Sum(r => r.Item2.Count) }, stop);
        }
    }

    public void Acknowledge(Position position)
    {
    }

    public string Describe(Position position) => $"time {position.Text}";

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
