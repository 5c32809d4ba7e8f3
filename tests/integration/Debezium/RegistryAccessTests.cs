using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Debezium;

/// <summary>A real registry behind TLS and a password: written to and read through it, refused where it should be, and waited for in the open while it hangs.</summary>
[Trait("suite", "integration")]
public sealed class RegistryAccessTests(PostgresServer postgres, KafkaServer kafka)
{
    private const string User = "sync:p4ss-word";

    [Fact]
    public async Task Sync_RegistryBehindTlsAndPassword_IsWrittenToAndReadFrom()
    {
        await using var scene = await SceneAsync();
        await using var copy = await postgres.CreateDatabaseAsync();
        var topics = $"{scene.Sync.Prefix}.public.item";
        await using (var running = await scene.Sync.StartStreamingAsync())
        {
            await scene.Database.ExecuteAsync("INSERT INTO item VALUES (1, 'a', 1.50), (2, 'b', NULL); UPDATE item SET name = 'c' WHERE id = 2");
            await Eventually.TrueAsync(async () => (await kafka.ListTopicsAsync()).Contains(topics) && (await kafka.ConsumeAllAsync(topics)).Count == 3, "the events arrive");
            Assert.Equal(0, await running.TerminateAsync());
        }

        var back = SyncRun.KafkaToPostgres(copy, kafka.BootstrapServers, topics, "tables: create");
        await File.WriteAllTextAsync(back.Config, (await File.ReadAllTextAsync(back.Config)).Replace("kafka: { topics:", "kafka: { format: debezium-avro, topics:", StringComparison.Ordinal) + "\n" + scene.Registry());
        await using var reading = await back.StartStreamingAsync();
        await Eventually.TrueAsync(
            async () => await copy.ScalarAsync<bool>("SELECT to_regclass('public.item') IS NOT NULL") && await copy.ScalarAsync<string>("SELECT coalesce(string_agg(i::text, ';' ORDER BY id), '') FROM item i") == "(1,a,1.50);(2,c,)", "the rows arrive");
        Assert.Equal(0, await reading.TerminateAsync());
    }

    [Fact]
    public async Task Sync_WrongPassword_IsRefused()
    {
        await using var scene = await SceneAsync(user: "sync:wr0ng");
        await using var running = await scene.Sync.StartStreamingAsync();
        await scene.Database.ExecuteAsync("INSERT INTO item VALUES (1, 'a', 1)");
        Assert.Equal(3, await running.WaitForExitAsync());
        Assert.Contains("the schema registry doesn't let us in", running.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", running.Everything, StringComparison.Ordinal);
        await using var check = scene.Sync.Start(null, "--check");
        Assert.Equal(2, await check.WaitForExitAsync());
        Assert.Contains("Schema registry: 1 problem", check.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_CertificateOfAStranger_IsWaitedForAndSaid()
    {
        await using var scene = await SceneAsync(trusts: false);
        await using var running = await scene.Sync.StartStreamingAsync();
        await scene.Database.ExecuteAsync("INSERT INTO item VALUES (1, 'a', 1)");
        var told = await running.WaitForLineAsync("can't be used now");
        Assert.Contains("SSL", told, StringComparison.Ordinal);
        Assert.Equal(0, await running.TerminateAsync());
    }

    [Fact]
    public async Task Sync_RegistryHangs_HealthSaysWhyAndAStopWorks()
    {
        await using var scene = await SceneAsync(initialLoad: true);
        scene.Proxy.Hang();
        // Before it streams, even: the load's first row needs a schema.
        await scene.Database.ExecuteAsync("INSERT INTO item VALUES (1, 'a', 1)");
        await using (var running = await scene.Sync.StartStreamingAsync())
        {
            await running.WaitForLineAsync("hasn't answered for 2 s");
            var (code, reason) = await scene.ReadyAsync();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
            Assert.Contains($"The schema registry at https://127.0.0.1:{scene.Proxy.Port}", reason, StringComparison.Ordinal);
            var stopped = Stopwatch.StartNew();
            Assert.Equal(0, await running.TerminateAsync());
            Assert.True(stopped.Elapsed < TimeSpan.FromSeconds(8), $"The stop took {stopped.Elapsed}.");
        }

        await using var again = await scene.Sync.StartStreamingAsync();
        await again.WaitForLineAsync("hasn't answered for 2 s");
        scene.Proxy.Resume();
        await again.WaitForLineAsync("changes flow again");
        await Eventually.TrueAsync(async () => (await scene.ReadyAsync()).Code == HttpStatusCode.OK, "ready");
        var topic = $"{scene.Sync.Prefix}.public.item";
        await Eventually.TrueAsync(async () => (await kafka.ListTopicsAsync()).Contains(topic) && (await kafka.ConsumeAllAsync(topic)).Count == 1, "the row arrives");
        Assert.Equal(0, await again.TerminateAsync());
    }

    private async Task<Scene> SceneAsync(string user = User, bool trusts = true, bool initialLoad = false)
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        var server = new SchemaRegistryServer();
        await server.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL, price numeric(8,2))");
        var (proxy, health) = (new TlsProxy(server.Port, User), FreePort.Next());
        var registry = RegistryText(proxy, user, trusts);
        var sync = new SyncRun(database, kafka.BootstrapServers, tables: "public.item", initialLoad: initialLoad, more: $"{registry}\nhttp: 127.0.0.1:{health}");
        await File.WriteAllTextAsync(sync.Config, (await File.ReadAllTextAsync(sync.Config)).Replace("format: debezium-json", "format: debezium-avro", StringComparison.Ordinal));
        return new Scene(database, server, proxy, sync, health);
    }

    private static string RegistryText(TlsProxy proxy, string user, bool trusts) =>
        $"registry: {{ url: \"https://127.0.0.1:{proxy.Port}/apis/ccompat/v7\", client: {{ schema.registry.basic.auth.user.info: \"{user}\"{(trusts ? $", schema.registry.ssl.ca.location: \"{proxy.AuthorityFile}\"" : "")} }} }}";

    private sealed record Scene(TestDatabase Database, SchemaRegistryServer Server, TlsProxy Proxy, SyncRun Sync, int Health) : IAsyncDisposable
    {
        public string Registry() => RegistryText(Proxy, User, trusts: true);

        public async Task<(HttpStatusCode Code, string? Reason)> ReadyAsync()
        {
            using var client = new HttpClient();
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{Health}/health/ready"));
            var told = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
            return (answer.StatusCode, told.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
        }

        public async ValueTask DisposeAsync()
        {
            await Proxy.DisposeAsync();
            await Server.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}
