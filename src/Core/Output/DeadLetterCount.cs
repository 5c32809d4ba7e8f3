using System.Diagnostics.Metrics;

namespace Pathway.Core;

/// <summary>How many rows this process put into dead letters: counter <c>pathway.dead_letters</c> of meter <c>Pathway</c>, tagged with where they couldn't be read or written.</summary>
public static class DeadLetterCount
{
    private static readonly Meter Meter = new("Pathway");
    private static readonly Counter<long> Counter = Meter.CreateCounter<long>("pathway.dead_letters", description: "Rows that were put into dead letters");
    private static long _total;

    /// <summary>All of them since the start.</summary>
    public static long Total => Interlocked.Read(ref _total);

    /// <summary>Counts some.</summary>
    public static void Add(long letters, string place)
    {
        if (letters == 0) return;
        Interlocked.Add(ref _total, letters);
        Counter.Add(letters, new KeyValuePair<string, object?>("place", place));
    }
}
