using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Pathway.Connectors.Postgres;

/// <summary>The figures of replication slots as metrics of meter <c>Pathway.Postgres</c>, tagged with the slot.</summary>
internal static class WalMetrics
{
    private static readonly ConcurrentDictionary<string, WalState> States = new();
    private static readonly Meter Meter = new("Pathway.Postgres");

    static WalMetrics()
    {
        Gauge("pathway.postgres.slot.lag", "WAL that isn't confirmed yet", static s => s.LagBytes);
        Gauge("pathway.postgres.slot.retained", "WAL that the server keeps for the slot", static s => s.RetainedBytes);
        Gauge("pathway.postgres.slot.safe", "WAL that may still be written before the slot is in danger; absent where the server sets no limit", static s => s.SafeBytes);
        Gauge("pathway.postgres.slot.spilled", "What the server spilled to its disk while decoding", static s => s.SpilledBytes);
        Gauge("pathway.postgres.slot.streamed", "What the server streamed of transactions before their end", static s => s.StreamedBytes);
    }

    /// <summary>What was found of a slot.</summary>
    public static void Set(string slot, WalState state) => States[slot] = state;

    private static void Gauge(string name, string description, Func<WalState, long?> value) => Meter.CreateObservableGauge(
        name,
        () => States.Where(s => value(s.Value) is not null).Select(s => new Measurement<long>(value(s.Value)!.Value, new KeyValuePair<string, object?>("slot", s.Key))),
        "By", description);
}
