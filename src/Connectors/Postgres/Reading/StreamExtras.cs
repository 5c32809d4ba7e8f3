namespace Pathway.Connectors.Postgres;

/// <summary>Adds to a slice what sources asked for beside changes of rows: begins and ends of transactions, logical messages, heartbeats.</summary>
internal sealed class StreamExtras(SliceBuilder slice, TimeSpan heartbeatEvery, TimeProvider time)
{
    private PgTransaction? _last;
    private long _beat = time.GetTimestamp();

    /// <summary>Whether a heartbeat is due.</summary>
    public bool IsBeatDue => Has(StreamKinds.Heartbeats) && time.GetElapsedTime(_beat) >= heartbeatEvery;

    /// <summary>How long to wait for the stream, so that the next heartbeat comes in time.</summary>
    public TimeSpan Wait(TimeSpan longest) => Has(StreamKinds.Heartbeats) && heartbeatEvery < longest ? heartbeatEvery : longest;

    /// <summary>Whether a logical message is wanted; those of the initial load are ours alone.</summary>
    public bool Wants(in PgLogicalMessage message) => Has(StreamKinds.Messages) && message.Prefix != ChunkReader.MessagePrefix;

    /// <summary>A transaction began.</summary>
    public void AddBegin(PgOutputDecoder decoder, Lsn start)
    {
        _last = decoder.Transaction!;
        if (Has(StreamKinds.Transactions)) slice.Add(StreamEvents.Begin(_last, start));
    }

    /// <summary>It ended.</summary>
    public void AddCommit(PgOutputDecoder decoder)
    {
        if (Has(StreamKinds.Transactions)) slice.Add(StreamEvents.Commit(decoder.Transaction!, decoder.End!.Value));
    }

    /// <summary>A logical message.</summary>
    public void AddMessage(PgOutputDecoder decoder, Lsn start)
    {
        var message = decoder.Message;
        slice.Add(StreamEvents.Message(message, start, message.IsTransactional ? decoder.Transaction! : Last(), slice.Take(StreamEvents.Size(message))));
    }

    /// <summary>A heartbeat.</summary>
    public void AddHeartbeat(Lsn at)
    {
        _beat = time.GetTimestamp();
        slice.Add(StreamEvents.Heartbeat(Last(), at));
    }

    private bool Has(StreamKinds kind) => (slice.Also & kind) != 0;

    // What stands outside of transactions has the time of the one before; before any, that of reading.
    private PgTransaction Last() => _last ??= new PgTransaction(0, Lsn.None, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, null);
}
