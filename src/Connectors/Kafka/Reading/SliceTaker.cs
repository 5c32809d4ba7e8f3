using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Makes a slice of the records that a feed brings.</summary>
internal sealed class SliceTaker(IReadOnlyList<IKafkaSource> sources, IReadOnlyList<TopicCursor> topics, ILogger logger) : IRecordTaker
{
    /// <summary>A row takes about so much more memory than its record.</summary>
    private const int RowBytes = 64;

    private readonly IRowBuffer?[] _buffers = new IRowBuffer?[sources.Count];
    private readonly int[] _lately = new int[sources.Count];
    private readonly int _deadLetters = sources.ToList().FindIndex(s => s is DeadLetterSource);
    private DateTimeOffset? _time;

    /// <summary>Records in the slice at hand.</summary>
    public int Records { get; private set; }

    /// <summary>Bytes of the records in the slice at hand.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether a partition's position moved without a record since the last slice: over what transactions leave at their ends.</summary>
    public bool Moved { get; private set; }

    /// <summary>Partitions that can't be read, and why; emptied by the one who looks after them.</summary>
    public List<(PartitionCursor Partition, Error Error)> Failures { get; } = [];

    public void Take(PartitionCursor partition, in SourceRecord record)
    {
        if (record.Offset >= partition.Stop)
        {
            // It comes again when all are there.
            if (!partition.IsAtStop) (partition.Next, Moved) = (partition.Stop.Value, true);
            return;
        }

        if (record.Offset >= partition.End)
        {
            if (!partition.IsDone) (partition.Next, Moved) = (partition.End.Value, true);
            return;
        }

        if (record.Offset < partition.Next) return;
        foreach (var (input, source) in partition.Topic.Inputs) Parse(source, record, BufferOf(input));
        partition.Next = record.Offset + 1;
        Records++;
        Bytes += record.Key.Length + record.Value.Length;
        if (Records == 1) _time = record.Time;
    }

    public void ReachedEnd(PartitionCursor partition, long offset)
    {
        offset = Math.Min(offset, partition.Stop ?? offset);
        if (offset <= partition.Next) return;
        (partition.Next, Moved) = (offset, true);
    }

    public void Failed(PartitionCursor partition, Error error) => Failures.Add((partition, error));

    /// <summary>The slice of what was taken since the last one.</summary>
    /// <param name="at">Where it ends; null for where the partitions stand.</param>
    public InputSlice TakeSlice(Position? at = null)
    {
        var rows = new List<(int, IRowBuffer)>(1);
        for (var input = 0; input < _buffers.Length; input++)
        {
            if (_buffers[input] is not { } buffer) continue;
            _lately[input] = buffer.Count;
            if (buffer.Count > 0) rows.Add((input, buffer));
            _buffers[input] = null;
        }

        var slice = new InputSlice { Position = at ?? KafkaPosition.Write(topics), Rows = rows, Bytes = Bytes + ((long)RowBytes * Records), SourceTime = _time };
        (Records, Bytes, Moved, _time) = (0, 0, false, null);
        return slice;
    }

    private IRowBuffer BufferOf(int input) => _buffers[input] ??= sources[input].NewBuffer(Math.Max(16, _lately[input]));

    private void Parse(IKafkaSource source, in SourceRecord record, IRowBuffer into)
    {
        try
        {
            source.Parse(record, into);
        }
        catch (Exception e) when (e is FormatException or BadDataException)
        {
            var reason = e.Message.TrimEnd('.');
            if (_deadLetters < 0) throw new BadDataException($"The record in {record.ToString()} can't be read as a row: {reason}.", e);
            logger.DeadLetter(record.ToString(), reason);
            DeadLetterCount.Add(1, record.Topic);
            DeadLetterSource.Add(record, reason, BufferOf(_deadLetters));
        }
    }
}
