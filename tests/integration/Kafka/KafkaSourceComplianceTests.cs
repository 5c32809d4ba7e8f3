using Pathway.Connectors;
using Pathway.Connectors.Kafka;
using Pathway.Tests.Integration.Compliance;
using Pathway.Tests.Integration.Servers;
using KafkaTopics = Pathway.Connectors.Kafka.Kafka;

namespace Pathway.Tests.Integration.Kafka;

/// <summary>A topic of several partitions does what every source does; both ways of reading it.</summary>
public abstract class KafkaSourceCompliance(KafkaServer kafka, bool nativeBatches) : SourceCompliance<string>
{
    private readonly TestTopic _topic = new(kafka, partitions: 3);

    protected override int Partitions => 3;

    protected override ISource<string> Bounded => KafkaTopics.Stream(_topic.Name, Options with { Until = KafkaEnd.AtPresentEnd }, Parsers.Text);

    protected override ISource<string>? Endless => KafkaTopics.Stream(_topic.Name, Options, Parsers.Text);

    private KafkaSourceOptions Options => new() { BootstrapServers = kafka.BootstrapServers, NativeBatches = nativeBatches };

    protected override string TextOf(string row) => row;

    public override async ValueTask InitializeAsync() => await _topic.CreateAsync();

    protected override Task AppendAsync(IReadOnlyList<string> rows)
    {
        _topic.Append(rows);
        return Task.CompletedTask;
    }
}

/// <inheritdoc/>
[Trait("suite", "integration")]
public sealed class KafkaSourceComplianceTests(KafkaServer kafka) : KafkaSourceCompliance(kafka, nativeBatches: true);

/// <inheritdoc/>
[Trait("suite", "long")]
public sealed class ManagedKafkaSourceComplianceTests(KafkaServer kafka) : KafkaSourceCompliance(kafka, nativeBatches: false);
