using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Pathway.Connectors.Kafka;
using Pathway.Tests.Integration.Servers;
using KafkaTopics = Pathway.Connectors.Kafka.Kafka;

namespace Pathway.Benchmarks.WordCount;

/// <summary>Kafka → counts → Kafka: JSON in, changed counts out every 100 ms, exactly once, state on disk; against a bare loop over the same records, in one run.</summary>
internal static class WordCountBenchmark
{
    private const int Rounds = 3;

    /// <summary>A record of the input.</summary>
    internal readonly record struct Spoken(string Word);

    /// <summary>A record of the output.</summary>
    internal readonly record struct Count(string Word, long Times);

    /// <summary>Measures and prints records a second and the ratio.</summary>
    public static async Task RunAsync(int scale)
    {
        await using var kafka = new KafkaServer();
        await kafka.StartAsync();
        var folder = Directory.CreateTempSubdirectory("pathway-bench-").FullName;
        try
        {
            foreach (var words in (int[])[5_000, 1_000_000]) await CompareAsync(kafka, folder, words, records: 4_000_000L * scale);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync(KafkaServer kafka, string folder, int words, long records)
    {
        var topic = string.Create(CultureInfo.InvariantCulture, $"words-{words}");
        await kafka.CreateTopicAsync(topic);
        Fill(kafka.BootstrapServers, topic, words, records);
        var (bare, ours) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"count-{words}-{round}");
            await kafka.CreateTopicAsync(name + "-bare");
            await kafka.CreateTopicAsync(name);
            var bareRate = BareWordCount.Run(kafka.BootstrapServers, topic, name + "-bare", records);
            var ourRate = await RunEngineAsync(kafka.BootstrapServers, topic, name, Path.Combine(folder, name), records);
            if (round == 0) continue; // warm-up
            bare.Add(bareRate);
            ours.Add(ourRate);
        }

        var (our, theirs) = (ours.Order().ElementAt(Rounds / 2), bare.Order().ElementAt(Rounds / 2));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"word count, {words:N0} words: {our / 1e6:0.00} M records/s, bare loop {theirs / 1e6:0.00} M records/s, ratio {our / theirs:0.00}"));
    }

    private static async Task<double> RunEngineAsync(string bootstrapServers, string from, string to, string folder, long records)
    {
        var pipeline = Pipeline.Create(to, options => options with { StateDirectory = folder });
        pipeline.Table(KafkaTopics.Stream<Spoken>(from, new KafkaSourceOptions { BootstrapServers = bootstrapServers, Until = KafkaEnd.AtPresentEnd }))
            .GroupBy(w => w.Word).Select(g => new Count(g.Key, g.Count()))
            .To(KafkaTopics.Keyed<string, Count>(to, new KafkaOptions { BootstrapServers = bootstrapServers }));
        var cpu = CpuClock.Start();
        var running = pipeline.RunAsync();
        await await Task.WhenAny(pipeline.Status.Streaming, running);
        var clock = Stopwatch.StartNew();
        await running;
        var rate = records / clock.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {to}: {rate / 1e6:0.00} M records/s, {pipeline.Status.Commits} commits, {pipeline.Status.RowsDelivered:N0} counts sent, {cpu.Elapsed.TotalSeconds:0.0} s of processor time, {GC.GetTotalPauseDuration().TotalMilliseconds:0} ms paused so far"));
        return rate;
    }

    private static void Fill(string bootstrapServers, string topic, int words, long records)
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers, LingerMs = 50, BatchSize = 900_000, EnableDeliveryReports = false, QueueBufferingMaxMessages = 2_000_000, QueueBufferingMaxKbytes = 1_000_000,
        }).SetLogHandler(static (_, _) => { }).Build();
        var random = new Random(1);
        for (var i = 0L; i < records; i++)
        {
            var message = new Message<byte[]?, byte[]> { Value = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"word":"w{{random.Next(words)}}"}""")) };
            while (true)
            {
                try
                {
                    producer.Produce(topic, message);
                    break;
                }
                catch (ProduceException<byte[]?, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Flush(TimeSpan.FromMilliseconds(20));
                }
            }
        }

        producer.Flush();
    }
}
