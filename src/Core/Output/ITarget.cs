namespace Pathway.Core;

/// <summary>What a path of a pipeline promises.</summary>
public enum Guarantee
{
    /// <summary>Each row is visible in the target once, whatever fails.</summary>
    ExactlyOnce,

    /// <summary>After a fault a row may be visible more than once; never less.</summary>
    AtLeastOnce,
}

/// <summary>One Kafka cluster, database or folder that output is delivered to: the unit of delivery, with one marker for all its topics, tables or files.</summary>
/// <remarks>
/// Order of calls, one caller at a time: <see cref="ReadMarkerAsync"/>, <see cref="ClaimAsync"/>, then <see cref="DeliverAsync"/> again and again. After any exception out of
/// <see cref="DeliverAsync"/> nothing is known about its transaction: the caller reads the marker, claims anew and goes on behind it (invariant I9).
/// Exceptions: <see cref="ConnectorException"/> with <see cref="ConnectorException.IsTransient"/>, <see cref="FencedException"/>, <see cref="RefusalException"/>, <see cref="BadDataException"/>.
/// </remarks>
public interface ITarget : IAsyncDisposable
{
    /// <summary>The target's name in the pipeline; part of its durable identity.</summary>
    string Name { get; }

    /// <summary>What it is and where, for people; no secrets.</summary>
    string Description { get; }

    /// <summary>What it promises.</summary>
    Guarantee Guarantee { get; }

    /// <summary>Limits of one transaction.</summary>
    TransactionLimits Limits { get; }

    /// <summary>Reads the last marker without fencing anybody; null if there is none.</summary>
    /// <param name="recorded">
    /// The last marker of this target that our own log has on record; what targets without a place of their own for markers (files) go by.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Marker?> ReadMarkerAsync(DeliveredMarker? recorded, CancellationToken cancellationToken);

    /// <summary>Fences every earlier producer or connection of this pipeline, then reads the last marker; null if there is none.</summary>
    /// <param name="recorded">As for <see cref="ReadMarkerAsync"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Marker?> ClaimAsync(DeliveredMarker? recorded, CancellationToken cancellationToken);

    /// <summary>Sends what <paramref name="batch"/> holds and, last, its marker, in one transaction. Returns when that is committed for certain.</summary>
    /// <returns>The marker as delivered, to be recorded in a following commit; it may carry what the target needs (<see cref="DeliveredMarker.Note"/>).</returns>
    ValueTask<DeliveredMarker> DeliverAsync(IDeliveryBatch batch, CancellationToken cancellationToken);
}

/// <summary>A marker that was delivered.</summary>
/// <param name="Marker">The marker.</param>
/// <param name="Note">What the target wants to find again in the log (the length of a file, the offset of the marker); null for nothing.</param>
public readonly record struct DeliveredMarker(Marker Marker, string? Note = null);

/// <summary>Output for one target transaction: some whole commits, or a part of an outsized one.</summary>
public interface IDeliveryBatch
{
    /// <summary>Gives the next row; false at the end of what belongs into this transaction.</summary>
    bool TryRead(out OutputRow row);

    /// <summary>Where the row that was read last stands.</summary>
    OutputPlace Place => default;

    /// <summary>The marker for all rows read so far. Call it once <see cref="TryRead"/> has given false.</summary>
    Marker Marker { get; }

    /// <summary>Ends the transaction early at this row: for targets that meet a limit of their own.</summary>
    void Stop();
}

/// <summary>How large one target transaction may grow before the next begins.</summary>
/// <param name="Rows">Rows; default 500 000.</param>
/// <param name="Bytes">Bytes of keys and values; default 256 MB.</param>
/// <param name="Time">Time since it began; default 20 s. Shorter than the broker's limit for open transactions.</param>
public sealed record TransactionLimits(long Rows = 500_000, long Bytes = 256L << 20, TimeSpan? Time = null)
{
    /// <summary><see cref="Time"/> with its default.</summary>
    public TimeSpan TimeOrDefault => Time ?? TimeSpan.FromSeconds(20);
}
