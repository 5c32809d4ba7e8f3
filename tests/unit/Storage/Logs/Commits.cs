using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage.Logs;

/// <summary>Commits of random records: written to a log, and asserted to be in it, byte for byte.</summary>
internal static class Commits
{
    public const string Folder = "/log";

    public static readonly CommitLogOptions Small = new() { SegmentBytes = 20_000, ReserveBytes = 1000 };

    public static readonly CommitLogOptions OneSegment = Small with { SegmentBytes = 1L << 40 };

    public static CommitNumber Number(ulong value) => new(value);

    public static CommitLog Open(IDisk disk, CommitLogOptions? options = null, ulong folded = 0) => CommitLog.Open(disk, Folder, Number(folded), options ?? Small);

    public static byte[][] Records(Random random)
    {
        var records = new byte[random.Next(1, 5)][];
        for (var i = 0; i < records.Length; i++) random.NextBytes(records[i] = new byte[random.Next(10) == 0 ? random.Next(300_000) : random.Next(4000)]);
        return records;
    }

    public static byte[] HeaderOf(byte[] record) => [(byte)record.Length, 7];

    public static void Append(CommitLog log, byte[][] records)
    {
        foreach (var record in records) log.Append(RecordKind.State, HeaderOf(record), record);
    }

    /// <summary>Writes <paramref name="commits"/> durable commits; their records.</summary>
    public static List<byte[][]> Write(CommitLog log, Random random, int commits)
    {
        var written = new List<byte[][]>();
        for (var i = 0; i < commits; i++)
        {
            var records = Records(random);
            Append(log, records);
            log.Close(log.Durable.Next(), "close"u8);
            log.Sync();
            written.Add(records);
        }

        return written;
    }

    /// <summary>The log holds exactly <paramref name="written"/>, as far as it wasn't deleted.</summary>
    public static void AssertHolds(CommitLog log, List<byte[][]> written)
    {
        Assert.Equal((ulong)written.Count, log.Durable.Value);
        if (log.First == CommitNumber.None)
        {
            Assert.Empty(written);
            return;
        }

        using var reader = log.Read(log.First);
        for (var commit = log.First; commit <= log.Durable; commit = commit.Next()) AssertNext(reader, commit, written[(int)commit.Value - 1]);
        Assert.False(reader.TryRead(out _));
    }

    public static void AssertNext(CommitReader reader, CommitNumber commit, byte[][] records)
    {
        foreach (var expected in records)
        {
            Assert.True(reader.TryRead(out var record));
            Assert.Equal((commit, RecordKind.State), (record.Commit, record.Kind));
            Assert.True(record.Header.Span.SequenceEqual(HeaderOf(expected)));
            Assert.True(record.Payload.Span.SequenceEqual(expected));
        }

        Assert.True(reader.TryRead(out var close));
        Assert.Equal((commit, RecordKind.Close), (close.Commit, close.Kind));
        Assert.True(close.Header.Span.SequenceEqual("close"u8));
    }
}
