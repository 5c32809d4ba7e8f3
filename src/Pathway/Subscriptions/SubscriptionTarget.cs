using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Subscriptions;

/// <summary>Reads a row of output back.</summary>
internal delegate TItem OutputReader<out TItem>(in OutputRow row);

/// <summary>A function of the user's as a target.</summary>
internal sealed record SubscriptionFactory<TItem>(string Name, OutputReader<TItem> Read, Func<IReadOnlyList<TItem>, CancellationToken, ValueTask> Give) : ITargetFactory
{
    public ITarget Open(TargetContext context) => new SubscriptionTarget<TItem>(Name, Read, Give);
}

/// <summary>Hands what is durable to a function, in the order of the commits. What it was told stands in our log, with a commit that follows: after a crash it may be told of the last changes again.</summary>
internal sealed class SubscriptionTarget<TItem>(string name, OutputReader<TItem> read, Func<IReadOnlyList<TItem>, CancellationToken, ValueTask> give) : ITarget
{
    public string Name => name;

    public string Description => $"subscription {name}";

    public Guarantee Guarantee => Guarantee.AtLeastOnce;

    public TransactionLimits Limits { get; } = new(Rows: 10_000);

    public ValueTask<Marker?> ReadMarkerAsync(DeliveredMarker? recorded, CancellationToken cancellationToken) => ValueTask.FromResult(recorded?.Marker);

    public ValueTask<Marker?> ClaimAsync(DeliveredMarker? recorded, CancellationToken cancellationToken) => ValueTask.FromResult(recorded?.Marker);

    public async ValueTask<DeliveredMarker> DeliverAsync(IDeliveryBatch batch, CancellationToken cancellationToken)
    {
        var items = ReadAll(batch);
        if (items.Count > 0) await give(items, cancellationToken).ConfigureAwait(false);
        return new DeliveredMarker(batch.Marker);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private List<TItem> ReadAll(IDeliveryBatch batch)
    {
        var items = new List<TItem>();
        while (batch.TryRead(out var row)) items.Add(read(in row));
        return items;
    }
}
