using System.Text;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Unit.Snapshots;

/// <summary>A target that outlives the process and keeps everything that it was told under each key, in order; it may die after some transactions.</summary>
internal sealed class LaggingTarget(string name) : ITarget, ITargetFactory
{
    private readonly Dictionary<string, List<string?>> _told = [];

    /// <summary>What it was told under each key.</summary>
    public IReadOnlyDictionary<string, List<string?>> Told => _told;

    /// <summary>What stands under each key.</summary>
    public IReadOnlyDictionary<string, string> View => _told.Where(t => t.Value[^1] is not null).ToDictionary(t => t.Key, t => t.Value[^1]!);

    public Marker? Marker { get; private set; }

    /// <summary>After so many transactions the process dies; it counts from when this is set.</summary>
    public int DiesAfter { get; set; } = int.MaxValue;

    public string Name => name;

    public string Description => name;

    public Guarantee Guarantee => Guarantee.ExactlyOnce;

    public TransactionLimits Limits { get; set; } = new();

    public ITarget Open(TargetContext context) => this;

    public ValueTask<Marker?> ReadMarkerAsync(DeliveredMarker? recorded, CancellationToken cancellationToken) => ValueTask.FromResult(Marker);

    public ValueTask<Marker?> ClaimAsync(DeliveredMarker? recorded, CancellationToken cancellationToken) => ValueTask.FromResult(Marker);

    public ValueTask<DeliveredMarker> DeliverAsync(IDeliveryBatch batch, CancellationToken cancellationToken)
    {
        if (DiesAfter-- == 0) throw new DiedException();
        var rows = new List<(string Key, string? Value)>();
        while (batch.TryRead(out var row)) rows.Add((Encoding.UTF8.GetString(row.Key), row.HasValue ? Encoding.UTF8.GetString(row.Value) : null));
        foreach (var (key, value) in rows)
        {
            if (!_told.TryGetValue(key, out var told)) _told.Add(key, told = []);
            told.Add(value);
        }

        Marker = batch.Marker;
        return ValueTask.FromResult(new DeliveredMarker(Marker));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The process was killed before it delivered.</summary>
    public sealed class DiedException : Exception;
}
