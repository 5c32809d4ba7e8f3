using Pathway.Connectors;
using Pathway.Subscriptions;

namespace Pathway;

/// <summary>Tables handed to functions, and printed.</summary>
/// <remarks>A function is told what is durable, in the order of the commits, one call at a time; what it throws stops the pipeline. After a crash it may be told of the last changes again: it has to bear that.</remarks>
public static class Subscriber
{
    /// <summary>Calls <paramref name="onChange"/> for each change of the table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="name">The durable name of the subscription: what it was told is found again by it.</param>
    /// <param name="onChange">What to do.</param>
    public static void Subscribe<TRow>(this ITable<TRow> table, string name, Action<Change<TRow>> onChange) => table.Subscribe(name, (changes, stop) =>
    {
        foreach (var change in changes) onChange(change);
        return ValueTask.CompletedTask;
    });

    /// <summary>Calls <paramref name="onChanges"/> with the changes of the table, those of some commits at once, and waits for it.</summary>
    /// <inheritdoc cref="Subscribe{TRow}(ITable{TRow}, string, Action{Change{TRow}})" path="/param"/>
    /// <param name="table">The table.</param>
    /// <param name="name">The durable name of the subscription.</param>
    /// <param name="onChanges">What to do.</param>
    public static void Subscribe<TRow>(this ITable<TRow> table, string name, Func<IReadOnlyList<Change<TRow>>, CancellationToken, ValueTask> onChanges) =>
        table.Rows().To(SinkOf(name, onChanges));

    /// <summary>Calls <paramref name="onChange"/> for each key that changed in a commit, with the row that stands under it now.</summary>
    /// <param name="table">The table.</param>
    /// <param name="name">The durable name of the subscription.</param>
    /// <param name="onChange">What to do.</param>
    public static void SubscribeByKey<TKey, TRow>(this Table<TKey, TRow> table, string name, Action<KeyedChange<TKey, TRow>> onChange)
        where TKey : notnull
    {
        var factory = new SubscriptionFactory<KeyedChange<TKey, TRow>>(name, KeyedSubscriptionFormatter<TKey, TRow>.Read, (changes, stop) =>
        {
            foreach (var change in changes) onChange(change);
            return ValueTask.CompletedTask;
        });
        table.To(new KeyedSink<TKey, TRow>(factory, new KeyedSubscriptionFormatter<TKey, TRow>(), $"subscription {name}"));
    }

    /// <summary>Writes a line for each change: epoch, how often the row came or went, the row.</summary>
    /// <param name="table">The table.</param>
    /// <param name="to">Where to; default: the console.</param>
    /// <param name="name">The durable name of the subscription.</param>
    public static void PrintChanges<TRow>(this ITable<TRow> table, TextWriter? to = null, string name = "print")
    {
        var writer = to ?? Console.Out;
        table.Subscribe(name, change => writer.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{change.Time.Value,6} {change.Weight,3:+0;-0} {change.Row}")));
    }

    internal static ChangeSink<TRow> SinkOf<TRow>(string name, Func<IReadOnlyList<Change<TRow>>, CancellationToken, ValueTask> onChanges) =>
        new(new SubscriptionFactory<Change<TRow>>(name, SubscriptionFormatter<TRow>.Read, onChanges), new SubscriptionFormatter<TRow>(), $"subscription {name}");
}
