using System.Text;
using Pathway.Connectors.Kafka;
using Pathway.Tests.Integration.Servers;
using KafkaTopics = Pathway.Connectors.Kafka.Kafka;

namespace Pathway.Tests.Integration.Kafka;

/// <summary>Records that can't be read: to the dead letters with reason and place beside what could be read, listed by the tool, sent back once.</summary>
[Trait("suite", "integration")]
public sealed class DeadLetterTests(KafkaServer kafka)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BadRecord_GoesToTheDeadLetters_AndBackOnce()
    {
        var topic = new TestTopic(kafka, partitions: 1);
        await topic.CreateAsync();
        topic.Write("a", """{"id":1}""");
        topic.Write("b", """{"id":"one"}""", headers: new() { { "trace", "7"u8.ToArray() } });
        topic.Write("c", """{"id":3}""");
        var (output, letters) = ($"{topic.Name}.out", $"{topic.Name}.dlq");
        var source = new KafkaSourceOptions { BootstrapServers = kafka.BootstrapServers, Until = KafkaEnd.AtPresentEnd };
        var target = new KafkaOptions { BootstrapServers = kafka.BootstrapServers, Partitions = 1 };
        var state = RunFolder.NewFolder("letters");
        await RunAsync();

        Assert.Equal(["""{"id":1}""", """{"id":3}"""], (await kafka.ConsumeAllAsync(output)).Select(r => r.ValueText));
        var letter = Assert.Single(await kafka.ConsumeAllAsync(letters));
        Assert.Equal(("b", """{"id":"one"}"""), (letter.KeyText, letter.ValueText));
        Assert.Equal(["7", topic.Name, "0", "1"], new[] { "trace", DeadLetter.TopicHeader, DeadLetter.PartitionHeader, DeadLetter.OffsetHeader }.Select(Header));
        Assert.Contains("$.id", Header(DeadLetter.ReasonHeader), StringComparison.Ordinal);

        await using (var list = PathwayProcess.Start(["dlq", "list", "--kafka", kafka.BootstrapServers, "--topic", letters]))
        {
            Assert.Equal(0, await list.WaitForExitAsync());
            Assert.Contains($"from {topic.Name}, partition 0, offset 1", list.Everything, StringComparison.Ordinal);
            Assert.Contains("1 letter", list.Everything, StringComparison.Ordinal);
        }

        var box = new DeadLetterBox(source, letters);
        Assert.Equal(1, await Task.Run(() => box.Replay(100, null, Stop), Stop));
        Assert.Equal(0, await Task.Run(() => box.Replay(100, null, Stop), Stop));
        Assert.Empty(box.List(100, Stop));
        var back = (await kafka.ConsumeAllAsync(topic.Name))[^1];
        Assert.Equal(("b", """{"id":"one"}""", "trace"), (back.KeyText, back.ValueText, Assert.Single(back.Headers).Name));

        // It still can't be read, and says so once more.
        await RunAsync();
        Assert.Equal(2, (await kafka.ConsumeAllAsync(letters)).Count);

        string Header(string name) => Encoding.UTF8.GetString(letter.Headers.Single(h => h.Name == name).Value!);

        async Task RunAsync()
        {
            var pipeline = Pipeline.Create(topic.Name, options => options with { StateDirectory = state });
            pipeline.Table(KafkaTopics.Table<string, Row>(topic.Name, source, Connectors.Parsers.Text)).To(KafkaTopics.Keyed<string, Row>(output, target));
            pipeline.Stream(KafkaTopics.DeadLetters(source)).To(KafkaTopics.DeadLetterTopic(letters, target));
            await pipeline.RunAsync(stop: Stop);
        }
    }

    private sealed record Row(int Id);
}
