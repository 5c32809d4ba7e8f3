using Pathway.Connectors;
using Pathway.Connectors.Kafka;
using Pathway.Core;
using KafkaTopics = Pathway.Connectors.Kafka.Kafka;

namespace Pathway.Tests.Unit.Kafka;

/// <summary>What can be said about topics as sources, and what is refused before anything is asked.</summary>
[Trait("suite", "unit")]
public sealed class KafkaSourceOptionsTests
{
    private static readonly KafkaSourceOptions Options = new() { BootstrapServers = "localhost:1" };

    [Theory]
    [InlineData("isolation.level", "read_uncommitted")]
    [InlineData("auto.offset.reset", "earliest")]
    [InlineData("group.id", "mine")]
    [InlineData("enable.auto.commit", "true")]
    public void Source_SettingThatReadingRestsOn_IsNamed(string setting, string value)
    {
        var options = Options with { Client = new Dictionary<string, string> { [setting] = value } };
        Assert.Contains(setting, Assert.Throws<ConfigurationException>(() => KafkaTopics.Stream("t", options, Parsers.Text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Source_RepeatedOwnSetting_IsTaken() =>
        KafkaTopics.Stream("t", Options with { Client = new Dictionary<string, string> { ["isolation.level"] = "read_committed", ["security.protocol"] = "SSL" } }, Parsers.Text);

    [Fact]
    public void Source_WithoutBroker_IsNamed() => Assert.Contains("broker", Assert.Throws<ConfigurationException>(() => KafkaTopics.Stream("t", new(), Parsers.Text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a topic")]
    [InlineData("")]
    public void Source_NameThatNoTopicHas_IsNamed(string topic) => Assert.Throws<ConfigurationException>(() => KafkaTopics.Stream(topic, Options, Parsers.Text));

    [Fact]
    public void Source_NoTopicOrOneTwice_IsNamed()
    {
        Assert.Throws<ConfigurationException>(() => KafkaTopics.Source<string>([], Options, new ValueRecordParser<string>(Parsers.Text)));
        Assert.Throws<ConfigurationException>(() => KafkaTopics.Source(["t", "t"], Options, new ValueRecordParser<string>(Parsers.Text)));
    }

    [Fact]
    public void Sources_OfEqualOptions_ShareOneReader()
    {
        var (one, two) = (KafkaTopics.Stream("a", Options, Parsers.Text), KafkaTopics.Table<int, int>("b", Options with { }));
        Assert.Equal(one.Origin, two.Origin);
        Assert.Equal("kafka:kafka", one.Origin.Partition);
        Assert.NotEqual(one.Origin, KafkaTopics.Stream("a", Options with { Start = KafkaStart.Latest }, Parsers.Text).Origin);
    }

    [Fact]
    public void Position_WrittenAndRead_IsTheSame()
    {
        var topic = new TopicCursor("orders", "id+/=", []);
        topic.Add(7);
        topic.Add(0);
        var read = KafkaPosition.Parse(KafkaPosition.Write([topic])).Topics["orders"];
        Assert.Equal("id+/=", read.Id);
        Assert.Equal([7, 0], read.Next);
        Assert.Throws<RefusalException>(() => KafkaPosition.Parse(new Position("LSN 0/1")));
    }

    [Fact]
    public void Secrets_InOptions_AreNotShown() =>
        Assert.DoesNotContain("hunter2", (Options with { Client = new Dictionary<string, string> { ["sasl.password"] = "hunter2" } }).ToString(), StringComparison.Ordinal);
}
