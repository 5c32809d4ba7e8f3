using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Limits of a commit log.</summary>
public sealed record CommitLogOptions
{
    /// <summary>A segment that has grown beyond this is followed by a new one at the next commit. Default 32 MB.</summary>
    public long SegmentBytes { get; init; } = 32 << 20;

    /// <summary>Appending stops, loudly, while less than this is free: room for one checkpoint. Default 256 MB.</summary>
    public long ReserveBytes { get; init; } = 256 << 20;

    /// <summary>How much is appended between two looks at how much is free. Default 4 MB.</summary>
    public long BytesBetweenLooksAtTheDisk { get; init; } = 4 << 20;
}

/// <summary>The kinds of records in a commit log.</summary>
public enum RecordKind : byte
{
    /// <summary>State changes.</summary>
    State = 1,

    /// <summary>Output of a target.</summary>
    Output = 2,

    /// <summary>Input that can't be read again.</summary>
    Journal = 3,

    /// <summary>The closing record of a commit.</summary>
    Close = 4,
}

/// <summary>A record as a reader gets it. The memory lives until the reader's next call.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Commit">The commit it belongs to.</param>
/// <param name="Header">Its header.</param>
/// <param name="Payload">Its payload.</param>
public readonly record struct LogRecord(RecordKind Kind, CommitNumber Commit, ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> Payload);

/// <summary>A segment, for people.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="First">Its first commit.</param>
/// <param name="Last">Its last commit that counts.</param>
/// <param name="Bytes">Its length.</param>
public readonly record struct LogSegment(string Name, CommitNumber First, CommitNumber Last, long Bytes)
{
    internal static IReadOnlyList<LogSegment> Describe(List<Segment> segments, CommitNumber durable)
    {
        var described = new List<LogSegment>(segments.Count);
        for (var i = 0; i < segments.Count && segments[i].First <= durable; i++)
        {
            var last = i + 1 < segments.Count && segments[i + 1].First <= durable ? new CommitNumber(segments[i + 1].First.Value - 1) : durable;
            described.Add(new LogSegment(segments[i].Name, segments[i].First, last, segments[i].Length));
        }

        return described;
    }
}

/// <summary>There is no more room on the disk than the reserve; the log stays as it is, and takes the same record again once there is.</summary>
public sealed class DiskFullException(string message, Exception? inner = null) : ConnectorException(message, inner)
{
    private const int NoSpace = 28, QuotaExceeded = 122; // ENOSPC, EDQUOT: .NET gives the error number of Linux as HResult
    private const int WindowsDiskFull = unchecked((int)0x80070070), WindowsHandleDiskFull = unchecked((int)0x80070027);

    internal static bool Is(IOException e) => e.HResult is NoSpace or QuotaExceeded or WindowsDiskFull or WindowsHandleDiskFull;
}
