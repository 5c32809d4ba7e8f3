using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>The records of a cluster's topics that no parser could read. Where a pipeline has it, they go here instead of stopping the pipeline.</summary>
internal sealed class DeadLetterSource(KafkaOrigin origin) : ISource<DeadLetter>, IKafkaSource
{
    public string Name => "dead letters";

    public ISourceOrigin Origin => origin;

    public IReadOnlyList<string> Topics => [];

    public bool IsKeyed => false;

    public IRowBuffer NewBuffer(int rows) => new RowBuffer<DeadLetter>(rows);

    public void Parse(in SourceRecord record, IRowBuffer into)
    {
        // It reads no topic of its own.
    }

    /// <summary>Adds a record that could not be read.</summary>
    public static void Add(in SourceRecord record, string reason, IRowBuffer into) => ((RowBuffer<DeadLetter>)into).Add(new DeadLetter
    {
        Reason = reason, Topic = record.Topic, Partition = record.Partition, Offset = record.Offset, Headers = record.Headers,
        Key = record.HasKey ? record.Key.ToArray() : null, Value = record.HasValue ? record.Value.ToArray() : null,
    });
}
