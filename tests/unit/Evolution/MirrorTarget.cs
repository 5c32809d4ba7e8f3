using System.Text;
using Pathway.Core;
using Pathway.Connectors;

namespace Pathway.Tests.Unit.Evolution;

/// <summary>A target that outlives the process: what stands under the keys of its destinations, and how often rows of changes are there.</summary>
internal sealed class MirrorTarget : ITarget, ITargetFactory
{
    private Marker? _marker;

    /// <summary>The rows of keyed tables, by destination and key.</summary>
    public Dictionary<string, SortedDictionary<string, string>> Keyed { get; } = [];

    /// <summary>How many records came since the last <see cref="Forget"/>.</summary>
    public int Records { get; private set; }

    /// <summary>Deletes that came since the last <see cref="Forget"/>.</summary>
    public int Deletes { get; private set; }

    public string Name => "mirror";

    public string Description => "mirror";

    public Guarantee Guarantee => Guarantee.ExactlyOnce;

    public TransactionLimits Limits { get; set; } = new();

    /// <summary>Counts anew.</summary>
    public void Forget() => (Records, Deletes) = (0, 0);

    /// <summary>What stands at a destination.</summary>
    public IReadOnlyDictionary<string, string> At(string destination) => Keyed.TryGetValue(destination, out var rows) ? rows : [];

    public ITarget Open(TargetContext context) => this;

    public ValueTask<Marker?> ReadMarkerAsync(DeliveredMarker? recorded, CancellationToken cancellationToken) => ValueTask.FromResult(_marker);

    public ValueTask<Marker?> ClaimAsync(DeliveredMarker? recorded, CancellationToken cancellationToken) => ValueTask.FromResult(_marker);

    public ValueTask<DeliveredMarker> DeliverAsync(IDeliveryBatch batch, CancellationToken cancellationToken)
    {
        while (batch.TryRead(out var row))
        {
            Records++;
            if (!Keyed.TryGetValue(row.Destination, out var rows)) Keyed.Add(row.Destination, rows = new(StringComparer.Ordinal));
            var key = Encoding.UTF8.GetString(row.Key);
            if (row.HasValue)
            {
                rows[key] = Encoding.UTF8.GetString(row.Value);
                continue;
            }

            Deletes++;
            rows.Remove(key);
        }

        _marker = batch.Marker;
        return ValueTask.FromResult(new DeliveredMarker(_marker));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
