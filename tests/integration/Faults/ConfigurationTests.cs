using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>A configuration or a login that can't work: said at once, with all that's wrong, the right exit code, and no secret.</summary>
[Trait("suite", "integration")]
public sealed class ConfigurationTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : RefusalTest(postgres, kafka, output)
{
    private const string Secret = "not-the-right-one-7431";

    [Fact]
    public async Task Start_TablesThatCannotBeRead_AreAllNamedAndNothingIsMade()
    {
        await using var database = await DatabaseAsync();
        var sync = new SyncRun(database, Kafka.BootstrapServers, tables: "public.orders, public.elsewhere, public.nowhere");
        foreach (string[] arguments in new string[][] { [], ["--check"] })
        {
            await using var process = sync.Start(null, arguments);
            var exit = await process.WaitForExitAsync();

            Assert.True(exit == 2, $"exit code {exit}\n{process.Everything}");
            Assert.Contains("public.nowhere", process.Everything, StringComparison.Ordinal);
            Assert.Contains("public.elsewhere", process.Everything, StringComparison.Ordinal);
            Assert.Equal(0, await database.ScalarAsync<long>("select (select count(*) from pg_publication) + (select count(*) from pg_replication_slots where database = current_database())"));
        }
    }

    [Fact]
    public async Task Start_UnknownKey_IsRefusedWithItsLine()
    {
        await using var database = await DatabaseAsync();
        var sync = new SyncRun(database, Kafka.BootstrapServers);
        Reconfigure(sync, "partitions: 2", "partition: 2");
        await using var process = sync.Start();
        var exit = await process.WaitForExitAsync();

        Assert.True(exit == 2, $"exit code {exit}\n{process.Everything}");
        Assert.Contains(process.Error, line => line.Contains("sync.yaml", StringComparison.Ordinal) && line.Contains("partition", StringComparison.Ordinal));
        Assert.False(Directory.Exists(sync.State));
    }

    [Fact]
    public async Task Start_TopicsMustExistAndDoNot_IsRefused()
    {
        await using var database = await DatabaseAsync();
        var sync = new SyncRun(database, Kafka.BootstrapServers);
        Reconfigure(sync, "topics: create", "topics: must-exist");
        await using var process = sync.Start();
        var exit = await process.WaitForExitAsync();

        Assert.True(exit is 2 or 3, $"exit code {exit}\n{process.Everything}");
        Assert.Contains($"{sync.Prefix}.public.orders", process.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain($"{sync.Prefix}.public.orders", await Kafka.ListTopicsAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2, "--check")]
    [InlineData(1, "--log", "json")]
    public async Task Start_WrongPassword_FailsAtOnceWithoutTheSecret(int code, params string[] arguments)
    {
        await using var database = await DatabaseAsync();
        var sync = new SyncRun(database, Kafka.BootstrapServers);
        Reconfigure(sync, "${PGPASSWORD}", Secret);
        await using var process = sync.Start("", arguments);
        var exit = await process.WaitForExitAsync();

        Assert.True(exit == code, $"exit code {exit}\n{process.Everything}");
        Assert.Contains("refuses the login", process.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("trying again", process.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, process.Everything, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_ServerAwayForTooLong_GivesUp(bool isPostgres)
    {
        await using var database = await DatabaseAsync();
        var sync = new SyncRun(database, isPostgres ? Kafka.BootstrapServers : $"127.0.0.1:{FreePort.Next()}", more: "give-up-after: 1s");
        if (isPostgres) Reconfigure(sync, $"Port={Postgres.Port};", $"Port={FreePort.Next()};");
        await using var process = sync.Start();
        var exit = await process.WaitForExitAsync();

        // One try of Kafka's client takes longer than that, a refused connection to PostgreSQL is tried again within it.
        Assert.True(exit == 1, $"exit code {exit}\n{process.Everything}");
        if (isPostgres) Assert.Contains("trying again", process.Everything, StringComparison.Ordinal);
    }

    private async Task<TestDatabase> DatabaseAsync()
    {
        await Postgres.StartAsync();
        await Kafka.StartAsync();
        var database = await Postgres.CreateDatabaseAsync();
        await new Shop(database.ConnectionString, seed: 1).CreateAsync();
        return database;
    }
}
