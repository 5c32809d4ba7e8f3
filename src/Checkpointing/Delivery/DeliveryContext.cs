using Microsoft.Extensions.Logging;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>What a delivery loop works with.</summary>
public sealed record DeliveryContext
{
    /// <summary>The log that output is read from.</summary>
    public required CommitLog Log { get; init; }

    /// <summary>The durable commits.</summary>
    public required CommitIndex Index { get; init; }

    /// <summary>Who we are.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>Log for people.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Waits between tries.</summary>
    public RetryPolicy Retry { get; init; } = new();

    /// <summary>How often the marker moves on over commits without output. Default 10 s.</summary>
    public TimeSpan IdleMarkerEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Why input can't be replayed from our frontier up to one; gives null where it can.</summary>
    public Func<Frontier, string?>? WhyNotReplay { get; init; }

    /// <summary>Facts for a decision about <paramref name="found"/>.</summary>
    internal MarkerFacts Facts(string target, Marker? found, Marker? recorded) =>
        new(target, found, recorded, Manifest, Log.First, Log.Durable, IsFresh: Manifest.Incarnations.Count == 1, PlanHasState: Manifest.Plan.Steps.Any(s => s.HasState), AdoptMarker: false, WhyNotReplay);
}
