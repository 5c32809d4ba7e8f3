using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Connectors;
using Pathway.Connectors.Kafka;
using Pathway.Tests.Integration.Compliance;
using Pathway.Tests.Integration.Servers;
using KafkaTopics = Pathway.Connectors.Kafka.Kafka;

namespace Pathway.Tests.Integration.Kafka;

/// <summary>A topic as a source, whose broker goes away and comes back.</summary>
[Trait("suite", "long")]
public sealed class KafkaSourceFaultTests(KafkaServer kafka)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_BrokerKilledAndBack_GoesOn(bool nativeBatches)
    {
        var topic = new TestTopic(kafka, partitions: 2);
        await topic.CreateAsync();
        topic.Append(["one", "two"]);
        var options = new KafkaSourceOptions { BootstrapServers = kafka.BootstrapServers, LookEvery = TimeSpan.FromMilliseconds(200), NativeBatches = nativeBatches };
        var source = KafkaTopics.Stream(topic.Name, options, Parsers.Text);
        var queue = new TestQueue<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var reader = source.Origin.Open([source]);
        var running = reader.RunAsync(new SourceContext { Resume = null, Input = queue, PipelineName = "source-faults", Logger = NullLogger.Instance }, stop.Token);
        await queue.HasAsync(2, running);
        await kafka.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), stop.Token); // looks for new partitions fail meanwhile
        await kafka.StartAsync();
        topic.Append(["three", "four"]);
        await queue.HasAsync(4, running);
        await stop.CancelAsync();
        await running.ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.Equal(["four", "one", "three", "two"], queue.Rows.Order(StringComparer.Ordinal));
    }
}
