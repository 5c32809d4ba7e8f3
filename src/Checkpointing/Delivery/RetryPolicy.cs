using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>How long to wait between tries while a target can't be reached, and when to give up.</summary>
public sealed record RetryPolicy
{
    /// <summary>The first wait. Default 200 ms; doubled after each further failure.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait. Default 15 s.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After failing for so long the pipeline stops. Null, the default: never.</summary>
    public TimeSpan? GiveUpAfter { get; init; }

    /// <summary>The wait after <paramref name="failures"/> failures in a row.</summary>
    public TimeSpan Delay(int failures) => TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(failures - 1, 20)));

    /// <summary>Whether failing since <paramref name="since"/> is long enough to give up.</summary>
    public bool IsOver(TimeSpan since) => GiveUpAfter is { } limit && since >= limit;
}
