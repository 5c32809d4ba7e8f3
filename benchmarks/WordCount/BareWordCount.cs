using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Pathway.Connectors;
using Pathway.Connectors.Kafka;

namespace Pathway.Benchmarks.WordCount;

/// <summary>What a loop without an engine does: native batches in, a dictionary in memory, changed counts out in a transaction every 100 ms. It keeps nothing on disk and can't go on after a crash.</summary>
internal sealed class BareWordCount : IRecordTaker
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, Word> _words = [];
    private readonly List<Word> _changed = [];
    private long _records;

    /// <summary>Reads <paramref name="records"/> records of partition 0 and gives records a second, from the first on.</summary>
    public static double Run(string bootstrapServers, string from, string to, long records)
    {
        var consumer = new ConsumerBuilder<byte[]?, byte[]?>(SourceSettings.Consumer(new KafkaSourceOptions { BootstrapServers = bootstrapServers }, "bare")).SetLogHandler(static (_, _) => { }).Build();
        using var feed = NativeFeed.TryOpen(consumer) ?? throw new InvalidOperationException("There is no native client to compare with.");
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers, TransactionalId = to, LingerMs = 5, EnableDeliveryReports = false, CompressionType = CompressionType.Lz4, QueueBufferingMaxMessages = 2_000_000,
        }).SetLogHandler(static (_, _) => { }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        var topic = new TopicCursor(from, "", []);
        topic.Add(0);
        feed.Assign(topic.Partitions);
        var loop = new BareWordCount();
        while (loop._records == 0) feed.Fetch(10_000, Every, loop);
        var (clock, sent) = (Stopwatch.StartNew(), TimeSpan.Zero);
        while (loop._records < records)
        {
            feed.Fetch(10_000, Every, loop);
            if (clock.Elapsed - sent < Every && loop._records < records) continue;
            producer.BeginTransaction();
            foreach (var word in loop._changed) loop.Send(producer, to, word);
            loop._changed.Clear();
            while (producer.Flush(TimeSpan.FromMilliseconds(1)) > 0) { }
            producer.CommitTransaction();
            sent = clock.Elapsed;
        }

        return records / clock.Elapsed.TotalSeconds;
    }

    public void Take(PartitionCursor partition, in SourceRecord record)
    {
        _records++;
        var reader = new Utf8JsonReader(record.Value);
        reader.Read();
        reader.Read();
        reader.Read();
        Span<char> text = stackalloc char[64];
        text = text[..reader.CopyString(text)];
        ref var word = ref CollectionsMarshal.GetValueRefOrAddDefault(_words.GetAlternateLookup<ReadOnlySpan<char>>(), text, out var exists);
        if (!exists) word = new Word(text.ToString());
        word!.Times++;
        if (word.IsChanged) return;
        word.IsChanged = true;
        _changed.Add(word);
    }

    public void ReachedEnd(PartitionCursor partition, long offset)
    {
    }

    public void Failed(PartitionCursor partition, Error error) => throw new KafkaException(error);

    private void Send(IProducer<byte[], byte[]> producer, string to, Word word)
    {
        word.IsChanged = false;
        var message = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(word.Text), Value = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"word":"{{word.Text}}","times":{{word.Times}}}""")) };
        while (true)
        {
            try
            {
                producer.Produce(to, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Flush(TimeSpan.FromMilliseconds(5));
            }
        }
    }

    private sealed class Word(string text)
    {
        public string Text => text;

        public long Times { get; set; }

        public bool IsChanged { get; set; }
    }
}
