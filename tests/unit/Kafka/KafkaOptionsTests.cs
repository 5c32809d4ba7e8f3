using Pathway.Connectors.Kafka;
using Pathway.Core;

namespace Pathway.Tests.Unit.Kafka;

/// <summary>Options: what is refused, and what makes sinks share a target.</summary>
[Trait("suite", "unit")]
public sealed class KafkaOptionsTests
{
    private static readonly KafkaOptions Some = new() { BootstrapServers = "localhost:9092" };

    [Fact]
    public void Target_EqualOptions_AreOneTarget()
    {
        Assert.Equal(Target(Some with { Client = Settings("linger.ms", "1") }), Target(Some with { Client = Settings("linger.ms", "1") }));
        Assert.NotEqual(Target(Some), Target(Some with { Client = Settings("linger.ms", "1") }));
        Assert.NotEqual(Target(Some), Target(Some with { Name = "other" }));
    }

    [Theory]
    [InlineData("transactional.id", "mine")]
    [InlineData("acks", "1")]
    [InlineData("enable.idempotence", "false")]
    [InlineData("partitioner", "consistent")]
    [InlineData("isolation.level", "read_uncommitted")]
    [InlineData("group.id", "g")]
    public void Target_SettingThatIsOurs_IsRefusedByName(string setting, string value) =>
        Assert.Contains(setting, Assert.Throws<ConfigurationException>(() => Target(Some with { Client = Settings(setting, value) })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("acks", "all")]
    [InlineData("acks", "-1")]
    [InlineData("partitioner", "murmur2_random")]
    [InlineData("linger.ms", "20")]
    public void Target_SettingAsOursOrFree_IsTaken(string setting, string value) => Assert.Equal("kafka", Target(Some with { Client = Settings(setting, value) }).Name);

    [Fact]
    public void Target_NoBroker_IsRefused() => Assert.Contains("bootstrap.servers", Assert.Throws<ConfigurationException>(() => Target(new KafkaOptions())).Message, StringComparison.Ordinal);

    [Fact]
    public void Target_BrokersInClientSettings_AreTaken() => Assert.Contains("b:9092", new KafkaOptions { Client = Settings("bootstrap.servers", "b:9092") }.ToString(), StringComparison.Ordinal);

    [Fact]
    public void Target_TransactionTimeoutBelowLimit_IsRefused() =>
        Assert.Contains("transaction.timeout.ms", Assert.Throws<ConfigurationException>(() => Target(Some with { Client = Settings("transaction.timeout.ms", "20000") })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("öl")]
    public void Keyed_NameThatKafkaRefuses_IsRefused(string topic) => Assert.Throws<ConfigurationException>(() => Pathway.Connectors.Kafka.Kafka.Keyed<int, int>(topic, Some));

    [Fact]
    public void Producer_Settings_KeepOursAndTakeTheUsers()
    {
        var config = ClientSettings.Producer(Some with { Client = Settings("compression.type", "zstd") }, "shop", SizeLimits.Default);
        Assert.Equal("shop.kafka", config.TransactionalId);
        Assert.Equal("zstd", config.Get("compression.type"));
        Assert.Equal("murmur2_random", config.Get("partitioner"));
        Assert.Equal(60_000, config.TransactionTimeoutMs);
        Assert.Equal(TimeSpan.FromMilliseconds(400), ClientSettings.CommitWithoutRetry(config));
    }

    [Fact]
    public void Build_UnknownSetting_IsNamed()
    {
        var options = Some with { Client = Settings("no.such.setting", "1") };
        var wrong = Assert.Throws<ConfigurationException>(() => new TransactionalProducer(options, "shop", SizeLimits.Default, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        Assert.Contains("no.such.setting", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_Secrets_AreLeftOut() =>
        Assert.DoesNotContain("hunter2", (Some with { Client = Settings("sasl.password", "hunter2") }).ToString(), StringComparison.Ordinal);

    private static Pathway.Connectors.ITargetFactory Target(KafkaOptions options) => Pathway.Connectors.Kafka.Kafka.Target(options);

    private static Dictionary<string, string> Settings(string setting, string value) => new() { [setting] = value };
}
