using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>The rows of one target transaction: whole commits up to <c>until</c>, or a part of one that is larger than the limits.</summary>
internal sealed class DeliveryBatch(OutputReader reader, Marker start, CommitNumber until, TransactionLimits limits, CommitIndex index, TimeProvider time) : IDeliveryBatch
{
    private const int RowsBetweenLooksAtTheClock = 1024;
    private readonly long _began = time.GetTimestamp();
    private Marker _whole = start; // behind the last commit that was read to its end
    private bool _inCommit, _hasWhole, _stop;

    /// <summary>Rows read.</summary>
    public long Rows { get; private set; }

    /// <summary>Bytes of keys and values read.</summary>
    public long Bytes { get; private set; }

    /// <inheritdoc/>
    public Marker Marker => _inCommit ? _whole with { Commit = reader.Commit, Offset = reader.Offset, IsWhole = false } : _whole;

    /// <inheritdoc/>
    public OutputPlace Place => new(reader.Commit, reader.Offset);

    /// <inheritdoc/>
    public bool TryRead(out OutputRow row)
    {
        row = default;
        while (!_stop)
        {
            // Only a commit that is larger than a transaction may be is cut: the plan saw to it that all others fit whole, and time alone cuts none but the first.
            if (_inCommit && !_hasWhole && IsFull)
            {
                _stop = true;
                return false;
            }

            switch (reader.Next(out row))
            {
                case OutputReader.Step.Row:
                    _inCommit = true;
                    Rows++;
                    Bytes += row.Key.Length + row.Value.Length;
                    return true;
                case OutputReader.Step.EndOfCommit:
                    var commit = index.Find(reader.Commit);
                    Check.That(commit is not null);
                    _whole = _whole with { Commit = reader.Commit, Offset = reader.Offset, IsWhole = true, Frontier = commit.Frontier, Epoch = commit.Epoch };
                    (_inCommit, _hasWhole) = (false, true);
                    _stop = reader.Commit >= until || IsFull;
                    break;
                default:
                    _stop = true;
                    break;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Stop() => _stop = true;

    private bool IsFull => Rows >= limits.Rows || Bytes >= limits.Bytes
        || (Rows % RowsBetweenLooksAtTheClock == 0 && Rows > 0 && time.GetElapsedTime(_began) >= limits.TimeOrDefault);
}
