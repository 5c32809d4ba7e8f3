using System.Globalization;
using System.Text;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Unit.Durability;

/// <summary>A target that outlives the process: a view under keys and a list of numbered events, changed in transactions with a marker. It can die in the middle, or lose its answer.</summary>
/// <remarks>Events have to come in order, each once: that is what exactly once means here.</remarks>
internal sealed class MemoryTarget : ITarget, ITargetFactory
{
    public const string ViewName = "view", EventsName = "events";
    private readonly Dictionary<string, string> _view = [];
    private Marker? _marker;

    /// <summary>What its view holds.</summary>
    public IReadOnlyDictionary<string, string> View => _view;

    /// <summary>The last event that came.</summary>
    public int Events { get; private set; }

    /// <summary>The last marker.</summary>
    public Marker? Marker => _marker;

    /// <summary>At this row of the next transaction, counted from 0, the process dies; -1: never.</summary>
    public int DiesAtRow { get; set; } = -1;

    /// <summary>The next transaction holds, but its answer is lost.</summary>
    public bool LosesAnswer { get; set; }

    public string Name => "memory";

    public string Description => "memory";

    public Guarantee Guarantee => Guarantee.ExactlyOnce;

    public TransactionLimits Limits { get; set; } = new();

    public ITarget Open(TargetContext context) => this;

    public ValueTask<Marker?> ReadMarkerAsync(DeliveredMarker? recorded, CancellationToken cancellationToken) => ValueTask.FromResult(_marker);

    public ValueTask<Marker?> ClaimAsync(DeliveredMarker? recorded, CancellationToken cancellationToken) => ValueTask.FromResult(_marker);

    public ValueTask<DeliveredMarker> DeliverAsync(IDeliveryBatch batch, CancellationToken cancellationToken)
    {
        var (rows, events) = (new List<(string Key, string? Value)>(), new List<int>());
        for (var i = 0; batch.TryRead(out var row); i++)
        {
            if (i == DiesAtRow) throw new DiedException();
            var key = Encoding.UTF8.GetString(row.Key);
            if (row.Destination == EventsName) events.Add(int.Parse(key, CultureInfo.InvariantCulture));
            else rows.Add((key, row.HasValue ? Encoding.UTF8.GetString(row.Value) : null));
        }

        // All or nothing, marker last.
        foreach (var number in events)
        {
            Assert.Equal(Events + 1, number);
            Events = number;
        }

        foreach (var (key, value) in rows)
        {
            if (value is null) Assert.True(_view.Remove(key), $"a delete of key {key}, which isn't there");
            else _view[key] = value;
        }

        _marker = batch.Marker;
        if (!LosesAnswer) return ValueTask.FromResult(new DeliveredMarker(_marker));
        LosesAnswer = false;
        throw new ConnectorException("The answer was lost.") { IsTransient = true };
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The process was killed while it delivered.</summary>
    public sealed class DiedException : Exception;
}
