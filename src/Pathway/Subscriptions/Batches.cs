using Pathway.Connectors;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway;

/// <summary>Tables as the result of a batch: everything that the sources have is read, then the rows are there.</summary>
public static class Batches
{
    /// <summary>The rows of a table written as text (<see cref="MarkdownTable"/>), with <c>__time</c> and <c>__diff</c> as columns if wanted.</summary>
    /// <exception cref="ConfigurationException">The text isn't a table of such rows.</exception>
    public static Table<TRow> FromMarkdown<TRow>(this Pipeline pipeline, string name, string text) => pipeline.Table(Markdown.Rows<TRow>(name, text));

    /// <summary>Reads all that the sources have and gives the rows of the table, each as often as it is there, in their order, member by member.</summary>
    /// <param name="table">The table. Of the pipeline only what it needs is run, in a state directory of its own that is deleted afterwards.</param>
    /// <param name="stop">Ends it.</param>
    /// <remarks>Sources that never end make it wait for ever.</remarks>
    public static async Task<IReadOnlyList<TRow>> CollectAsync<TRow>(this ITable<TRow> table, CancellationToken stop = default)
    {
        var weights = new Dictionary<ValueTuple<TRow>, long>();
        foreach (var change in await table.CollectChangesAsync(stop).ConfigureAwait(false)) weights[new(change.Row)] = weights.GetValueOrDefault(new(change.Row)) + change.Weight;
        var rows = new List<TRow>();
        foreach (var (row, weight) in weights)
            for (var times = weight; times > 0; times--) rows.Add(row.Item1);
        rows.Sort(RowOrder.Of<TRow>());
        return rows;
    }

    /// <summary>Reads all that the sources have and gives every change of the table, epoch by epoch.</summary>
    /// <inheritdoc cref="CollectAsync{TRow}"/>
    public static async Task<IReadOnlyList<Change<TRow>>> CollectChangesAsync<TRow>(this ITable<TRow> table, CancellationToken stop = default)
    {
        var changes = new List<Change<TRow>>();
        await table.Rows().Pipeline.RunBatchAsync(table.Rows(), Subscriber.SinkOf<TRow>("collected", (some, _) =>
        {
            changes.AddRange(some);
            return ValueTask.CompletedTask;
        }), stop).ConfigureAwait(false);
        return changes;
    }

    /// <summary>Reads all that the sources have and writes the rows of the table as <see cref="MarkdownTable"/> does.</summary>
    /// <param name="table">The table.</param>
    /// <param name="to">Where to; default: the console.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task PrintAsync<TRow>(this ITable<TRow> table, TextWriter? to = null, CancellationToken stop = default) =>
        await (to ?? Console.Out).WriteAsync(MarkdownTable.Write(await table.CollectAsync(stop).ConfigureAwait(false))).ConfigureAwait(false);
}
