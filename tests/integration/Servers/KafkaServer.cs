using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Testcontainers.Kafka;

[assembly: AssemblyFixture(typeof(Pathway.Tests.Integration.Servers.KafkaServer))]

namespace Pathway.Tests.Integration.Servers;

/// <summary>A Kafka broker for tests: take it as a constructor argument of the test class. It starts when a test first needs it (<see cref="StartAsync"/>) and ends with the run.</summary>
/// <remarks>A test that kills or stops it starts it again. Where it can't be had here, the test is skipped. Topics are named at random by the tests, since they share it.</remarks>
public sealed class KafkaServer : IAsyncLifetime
{
    private readonly Dictionary<string, string> _settings = new()
    {
        ["num.partitions"] = "1", ["auto.create.topics.enable"] = "false", ["offsets.topic.num.partitions"] = "4", ["offsets.topic.replication.factor"] = "1",
        ["transaction.state.log.num.partitions"] = "4", ["transaction.state.log.replication.factor"] = "1", ["transaction.state.log.min.isr"] = "1",
        ["share.coordinator.state.topic.replication.factor"] = "1", ["share.coordinator.state.topic.min.isr"] = "1", ["group.initial.rebalance.delay.ms"] = "0",
        ["transaction.abort.timed.out.transaction.cleanup.interval.ms"] = "1000", ["log.cleaner.backoff.ms"] = "500",
    };

    private readonly SemaphoreSlim _starting = new(1);
    private readonly int _proxiedPort = FreePort.Next(), _advertisedProxyPort = FreePort.Next();
    private IServerHost? _host;

    public KafkaServer()
    {
    }

    private KafkaServer(IReadOnlyDictionary<string, string> settings)
    {
        foreach (var (setting, value) in settings) _settings[setting] = value;
    }

    /// <summary>One of its own with further settings (such as transaction.max.timeout.ms); the test disposes it.</summary>
    public static KafkaServer With(IReadOnlyDictionary<string, string> settings) => new(settings);

    /// <summary>The port on 127.0.0.1, the same from start to start.</summary>
    public int Port { get; private set; }

    public string BootstrapServers => $"127.0.0.1:{Port}";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Starts it unless it runs; returns when it answers.</summary>
    public async Task StartAsync()
    {
        ServerChoice.SkipUnlessPossible(LocalKafka.Missing);
        await _starting.WaitAsync();
        try
        {
            if (Port == 0) Port = FreePort.Next();
            _host ??= ServerChoice.Kind == ServerKind.Local ? await LocalKafka.CreateAsync(Port, _proxiedPort, _advertisedProxyPort, _settings) : CreateContainer();
            if (_host.IsRunning) return;
            await _host.StartAsync();
            await Eventually.SucceedsAsync(AnswersAsync, "Kafka answers", goesOn: () => _host.IsRunning, log: _host.ReadLogAsync);
        }
        finally
        {
            _starting.Release();
        }
    }

    public Task StopAsync() => Host.StopAsync();

    /// <summary>kill -9; the data stays.</summary>
    public Task KillAsync() => Host.KillAsync();

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Freezes it: connections stay open and silent.</summary>
    public Task PauseAsync() => Host.PauseAsync();

    public Task ResumeAsync() => Host.ResumeAsync();

    /// <summary>A proxy in front of the broker: clients that bootstrap from <see cref="TcpProxy.Endpoint"/> stay behind it, since the broker names it as its address there. One at a time.</summary>
    public TcpProxy OpenProxy(ProxyFraming framing = ProxyFraming.KafkaFrames) => new(_proxiedPort, _advertisedProxyPort, framing);

    public async Task CreateTopicAsync(string topic, int partitions = 1, Dictionary<string, string>? configs = null)
    {
        await StartAsync();
        using var admin = Admin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = -1, Configs = configs }]);
    }

    /// <summary>The names of all topics but the broker's own.</summary>
    public async Task<IReadOnlyList<string>> ListTopicsAsync()
    {
        await StartAsync();
        using var admin = Admin();
        return [.. admin.GetMetadata(TimeSpan.FromSeconds(20)).Topics.Select(t => t.Topic).Where(t => t is not ("__consumer_offsets" or "__transaction_state")).Order(StringComparer.Ordinal)];
    }

    /// <summary>Everything that stands in a topic, partition by partition in order of offsets; see <see cref="TopicReader"/>.</summary>
    public async Task<IReadOnlyList<TopicRecord>> ConsumeAllAsync(string topic, bool readCommitted = true, bool stopAtLastStable = false)
    {
        await StartAsync();
        return await TopicReader.ReadAllAsync(BootstrapServers, topic, readCommitted, stopAtLastStable);
    }

    /// <summary>As for one topic; the records come topic by topic.</summary>
    public async Task<IReadOnlyList<TopicRecord>> ConsumeAllAsync(IReadOnlyList<string> topics)
    {
        await StartAsync();
        return await TopicReader.ReadAllAsync(BootstrapServers, topics);
    }

    /// <summary>About how many records of a topic are visible to read_committed readers, by its offsets: those of the ends of transactions count, too. 0 where there is no such topic.</summary>
    public async Task<long> CountVisibleAsync(string topic)
    {
        using var admin = Admin();
        var metadata = admin.GetMetadata(topic, TimeSpan.FromSeconds(20)).Topics.Single();
        if (metadata.Error.IsError) return 0;
        var ends = await admin.ListOffsetsAsync(
            metadata.Partitions.Select(p => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, p.PartitionId), OffsetSpec = OffsetSpec.Latest() }),
            new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadCommitted, RequestTimeout = TimeSpan.FromSeconds(20) });
        return ends.ResultInfos.Sum(i => i.TopicPartitionOffsetError.Offset.Value);
    }

    public IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).SetLogHandler(static (_, _) => { }).Build();

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        _host = null;
    }

    private IServerHost Host => _host ?? throw new InvalidOperationException("Kafka wasn't started: call StartAsync first.");

    private async Task<bool> AnswersAsync()
    {
        using var admin = Admin();
        var cluster = await admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = TimeSpan.FromSeconds(5) });
        return cluster.Nodes.Count > 0 ? true : throw new InvalidOperationException("no broker in the cluster yet");
    }

    /// <summary>Ports are fixed, so listeners are known beforehand: the module's start script, which asks for the ports of a started container, isn't needed.</summary>
    private DockerServerHost CreateContainer()
    {
        const ushort proxiedPort = 9095;
        var name = RunFolder.NewName("kafka");
        var builder = new KafkaBuilder("apache/kafka:4.2.0").WithName(name).WithCleanUp(false)
            .WithPortBinding(Port, KafkaBuilder.KafkaPort).WithPortBinding(_proxiedPort, proxiedPort)
            .WithEntrypoint("/bin/sh", "-c", "exec /etc/kafka/docker/run")
            .WithEnvironment("KAFKA_LISTENERS", $"PLAINTEXT://:9092,BROKER://:9093,CONTROLLER://:9094,PROXIED://:{proxiedPort}")
            .WithEnvironment("KAFKA_ADVERTISED_LISTENERS", $"PLAINTEXT://127.0.0.1:{Port},BROKER://localhost:9093,PROXIED://127.0.0.1:{_advertisedProxyPort}")
            .WithEnvironment("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,BROKER:PLAINTEXT,PROXIED:PLAINTEXT")
            .WithEnvironment("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9094")
            .WithEnvironment("KAFKA_HEAP_OPTS", "-Xms256m -Xmx768m");
        foreach (var (setting, value) in _settings) builder = builder.WithEnvironment("KAFKA_" + setting.ToUpperInvariant().Replace("_", "__").Replace('.', '_'), value);
        return new DockerServerHost(name, builder.Build());
    }
}
