using Confluent.Kafka;
using Npgsql;

namespace Pathway.Tests.Integration.Servers;

/// <summary>The fixtures themselves, on either kind of servers.</summary>
[Trait("suite", "integration")]
public sealed class ServersTests(PostgresServer postgres, KafkaServer kafka)
{
    [Fact]
    public async Task Postgres_KilledAndStarted_KeepsPortAndData()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("create table t (id int primary key); insert into t values (1)");
        await postgres.KillAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => database.ScalarAsync<int>("select 1"));
        await postgres.StartAsync();
        Assert.Equal(1, await database.ScalarAsync<int>("select id from t"));
        Assert.Equal("logical", await database.ScalarAsync<string>("show wal_level"));
        await postgres.RestartAsync();
        Assert.Equal(1, await database.ScalarAsync<int>("select id from t"));
    }

    [Fact]
    public async Task Postgres_Paused_AnswersAfterResume()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await postgres.PauseAsync();
        var answer = database.ScalarAsync<int>("select 1");
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken));
        await postgres.ResumeAsync();
        Assert.Equal(1, await answer);
    }

    [Fact]
    public async Task Kafka_KilledAndStarted_KeepsPortAndCommittedRecords()
    {
        var topic = $"servers-{Guid.NewGuid():N}";
        await kafka.CreateTopicAsync(topic, partitions: 2);
        Produce(topic, "committed", commit: true);
        Produce(topic, "aborted", commit: false);
        await kafka.KillAsync();
        await kafka.StartAsync();
        Assert.Equal(["committed"], (await kafka.ConsumeAllAsync(topic)).Select(r => r.ValueText));
        Assert.Equal(2, (await kafka.ConsumeAllAsync(topic, readCommitted: false)).Count);
        Assert.Contains(topic, await kafka.ListTopicsAsync());
    }

    [Fact]
    public async Task Kafka_BehindProxy_ClientSeesCutsAndGoesOn()
    {
        var topic = $"servers-{Guid.NewGuid():N}";
        await kafka.CreateTopicAsync(topic);
        await using var proxy = kafka.OpenProxy();
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = proxy.Endpoint, EnableIdempotence = true }).SetLogHandler(static (_, _) => { }).Build();
        await producer.ProduceAsync(topic, new Message<Null, string> { Value = "one" }, TestContext.Current.CancellationToken);
        Assert.True(proxy.OpenConnections > 0);
        proxy.CutAll();
        await producer.ProduceAsync(topic, new Message<Null, string> { Value = "two" }, TestContext.Current.CancellationToken);
        Assert.Equal(["one", "two"], (await kafka.ConsumeAllAsync(topic)).Select(r => r.ValueText));
    }

    [Fact]
    public async Task Kafka_OpenTransaction_EndsReadingAtLastStable()
    {
        var topic = $"servers-{Guid.NewGuid():N}";
        await kafka.CreateTopicAsync(topic);
        using var producer = Open(topic, "open", out _);
        Assert.Empty(await kafka.ConsumeAllAsync(topic, stopAtLastStable: true));
        await Assert.ThrowsAsync<TimeoutException>(() => TopicReader.ReadAllAsync(kafka.BootstrapServers, topic, timeout: TimeSpan.FromSeconds(1)));
        producer.CommitTransaction();
        Assert.Single(await kafka.ConsumeAllAsync(topic));
    }

    [Fact]
    public async Task PathwayProcess_Started_GivesOutputAndExitCode()
    {
        await using var pathway = PathwayProcess.Start(["--version"]);
        await pathway.WaitForExitAsync();
        Assert.True(pathway.HasExited);
    }

    private void Produce(string topic, string value, bool commit)
    {
        using var producer = Open(topic, value, out _);
        if (commit) producer.CommitTransaction();
        else producer.AbortTransaction();
    }

    private IProducer<Null, string> Open(string topic, string value, out string transactionalId)
    {
        transactionalId = $"servers-{Guid.NewGuid():N}";
        var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, TransactionalId = transactionalId }).SetLogHandler(static (_, _) => { }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        producer.BeginTransaction();
        producer.Produce(topic, new Message<Null, string> { Value = value });
        producer.Flush();
        return producer;
    }
}
