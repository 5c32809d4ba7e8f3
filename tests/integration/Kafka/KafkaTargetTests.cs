using Pathway.Connectors;
using Pathway.Connectors.Kafka;
using Pathway.Tests.Integration.Compliance;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Kafka;

/// <summary>The Kafka target does what every target does.</summary>
[Trait("suite", "integration")]
public sealed class KafkaTargetTests(KafkaServer kafka) : TargetCompliance
{
    protected override TestRow? Oversized => new(Destination("a"), "the-large-one", new string('x', 2_000_000));

    protected override ITargetFactory Factory => Pathway.Connectors.Kafka.Kafka.Target(new KafkaOptions { BootstrapServers = kafka.BootstrapServers });

    public override async ValueTask InitializeAsync() => await kafka.StartAsync();

    protected override string Destination(string name) => $"{PipelineName}.{name}";

    protected override async Task<IReadOnlyList<TestRow>> ReadAsync(string destination) =>
        (await kafka.ListTopicsAsync()).Contains(destination) ? [.. (await kafka.ConsumeAllAsync(destination)).Select(r => new TestRow(destination, r.KeyText, r.ValueText))] : [];
}
