using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Reads one target's output rows from the commit log, in order, across commits.</summary>
internal sealed class OutputReader : IDisposable
{
    private readonly string _target;
    private readonly CommitReader _log;
    private readonly OutputCompression _compression = new();
    private long _skip;
    private IReadOnlyList<string> _destinations = [];
    private ReadOnlyMemory<byte> _rows;

    /// <summary>Reads behind <paramref name="marker"/>.</summary>
    public OutputReader(CommitLog log, string target, Marker marker)
    {
        _target = target;
        Commit = marker.IsWhole ? marker.Commit.Next() : marker.Commit;
        _skip = marker.IsWhole ? 0 : marker.Offset;
        _log = log.Read(Commit);
    }

    /// <summary>What <see cref="Next"/> met.</summary>
    public enum Step
    {
        /// <summary>A row.</summary>
        Row,

        /// <summary>The end of a commit.</summary>
        EndOfCommit,

        /// <summary>There is no more durable log.</summary>
        CaughtUp,
    }

    /// <summary>The commit being read; after <see cref="Step.EndOfCommit"/> still the one that ended.</summary>
    public CommitNumber Commit { get; private set; }

    /// <summary>Rows of it that were read or skipped.</summary>
    public long Offset { get; private set; }

    /// <summary>Goes on to the next row or end of a commit.</summary>
    public Step Next(out OutputRow row)
    {
        while (true)
        {
            if (!_rows.IsEmpty)
            {
                var rest = _rows.Span;
                row = OutputBuffer.Read(ref rest, _destinations);
                _rows = _rows[^rest.Length..];
                Offset++;
                if (_skip == 0) return Step.Row;
                _skip--;
                continue;
            }

            row = default;
            if (!_log.TryRead(out var record)) return Step.CaughtUp;
            if (record.Commit != Commit) (Commit, Offset) = (record.Commit, 0);
            switch (record.Kind)
            {
                case RecordKind.Output:
                    var (target, _, destinations, length) = OutputRecord.ReadHeader(record.Header.Span);
                    if (target == _target) (_destinations, _rows) = (destinations, length > 0 ? _compression.Expand(record.Payload.Span, length) : record.Payload);
                    break;
                case RecordKind.Close:
                    return Step.EndOfCommit;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();
}
