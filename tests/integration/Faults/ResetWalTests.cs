using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>The server has forgotten its WAL: system and slot are the same, what the slot needs isn't there any more.</summary>
[Trait("suite", "integration")]
public sealed class ResetWalTests(KafkaServer kafka) : IAsyncDisposable
{
    private readonly PostgresServer _postgres = PostgresServer.With(new Dictionary<string, string>());

    [Fact]
    public async Task Start_AfterPgResetwal_IsRefusedAndLoadsAgainOnDemand()
    {
        await _postgres.StartAsync();
        await kafka.StartAsync();
        await using var database = await _postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL); INSERT INTO item VALUES (1, 'kept'), (2, 'gone')");
        var sync = new SyncRun(database, kafka.BootstrapServers, "public.item", before: "state");
        await using (var first = await sync.StartStreamingAsync())
        {
            await first.WaitForLineAsync("Initial load complete");
            Assert.Equal(0, await first.TerminateAsync());
        }

        await database.ExecuteAsync("DELETE FROM item WHERE id = 2");
        await _postgres.ResetWalAsync();
        await using (var refused = sync.Start())
        {
            Assert.Equal(3, await refused.WaitForExitAsync());
            Assert.Contains("hasn't got the WAL any more", refused.Everything, StringComparison.Ordinal);
            Assert.Contains("--load-again", refused.Everything, StringComparison.Ordinal);
        }

        await using var again = await sync.StartStreamingAsync(null, "--load-again");
        await Eventually.TrueAsync(
            async () => (await kafka.ConsumeAllAsync($"{sync.Prefix}.public.item")).Any(r => r.ValueText?.Contains("\"op\":\"d\"", StringComparison.Ordinal) == true && r.KeyText!.Contains("2", StringComparison.Ordinal)),
            "what was deleted in the meantime is told", TimeSpan.FromSeconds(60));
        Assert.Equal(0, await again.TerminateAsync());
    }

    public async ValueTask DisposeAsync() => await _postgres.DisposeAsync();
}
