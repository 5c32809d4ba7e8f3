using System.Text.Json;
using Pathway.S3;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Kills;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Objects;

/// <summary>Snapshots in a bucket: made of a pipeline that runs, restored elsewhere, gone on with.</summary>
[Trait("suite", "snapshots")]
public sealed class S3SnapshotTests(S3Server server, PostgresServer postgres, ITestOutputHelper output)
{
    private readonly ShopTraffic _traffic = new();

    [Fact]
    public async Task Restored_IntoAnotherDirectory_GoesOnExactly()
    {
        var random = new Random(Seed.OfThisRun(output));
        var store = $"s3://{await server.CreateBucketAsync()}/backup";
        var (folder, elsewhere) = (RunFolder.NewFolder("shop"), Path.Combine(RunFolder.NewFolder("elsewhere"), "state"));
        await WriteAsync(folder, random, 2000);
        await using (var running = Start(folder))
        {
            await running.WaitForLineAsync("^stops when asked$");
            // While it opens its state nobody is answered.
            await Eventually.TrueAsync(async () => (await PathwayAsync($"snapshots create {folder}/state --to {store}", folder)).Contains("made in", StringComparison.Ordinal), "it runs and makes a snapshot");
            for (var i = 0; i < 3; i++)
            {
                await WriteAsync(folder, random, 500);
                Assert.Contains($"of shop made in {store}", await PathwayAsync($"snapshots create {folder}/state --to {store}", folder));
            }

            Assert.Contains("deleted", await PathwayAsync($"snapshots prune --from {store} --keep 2", folder));
            await WriteAsync(folder, random, 500); // which no snapshot has
            await running.KillAsync();
        }

        Assert.Contains("is whole", await PathwayAsync($"snapshots verify --from {store}", folder));
        Assert.Contains("restored into", await PathwayAsync($"snapshots restore --from {store} --to {elsewhere}", folder));
        await WriteAsync(folder, random, 500);
        await using var again = Start(folder, elsewhere);
        await again.WaitForLineAsync("^stops when asked$");
        await Eventually.TrueAsync(() => again.HasExited || _traffic.IsIn(new ChangeFiles(folder)), "the files hold what LINQ computes", TimeSpan.FromSeconds(60));
        Assert.True(await again.TerminateAsync() == 0, again.Everything);
        Assert.True(_traffic.IsIn(new ChangeFiles(folder)));
        Assert.DoesNotContain(server.Environment["AWS_SECRET_ACCESS_KEY"]!, again.Everything);
    }

    [Fact]
    public async Task Schedule_OfASync_FillsTheBucket_AndKeepsTheNewest()
    {
        var bucket = await server.CreateBucketAsync();
        await using var source = await postgres.CreateDatabaseAsync();
        await using var target = await postgres.CreateDatabaseAsync();
        await source.ExecuteAsync("CREATE TABLE people (id int PRIMARY KEY, name text); INSERT INTO people VALUES (1, 'ann')");
        var sync = SyncRun.ToPostgres(source, target, "public.people", "tables: create", more: $$"""snapshots: { to: "s3://{{bucket}}/backup", every: 1s, keep: 2 }""");
        var (store, made) = (ObjectStores.At($"s3://{bucket}/backup"), new SortedSet<string>(StringComparer.Ordinal));
        await using (var running = await sync.StartStreamingAsync())
        {
            for (var id = 2; made.Count < 4; id++)
            {
                await source.ExecuteAsync($"INSERT INTO people VALUES ({id}, 'bob')");
                made.UnionWith(await ManifestsAsync());
                Assert.False(running.HasExited, running.Everything);
                Assert.True(id < 3000, $"Only {made.Count} snapshots came.\n{running.Everything}");
            }

            Assert.True(await running.TerminateAsync() == 0, running.Everything);
        }

        Assert.InRange((await ManifestsAsync()).Count, 2, 3); // the last may have been made and not yet looked after
        var elsewhere = RunFolder.NewFolder("elsewhere");
        Assert.Contains("is whole", await PathwayAsync($"snapshots verify --from s3://{bucket}/backup", elsewhere));
        Assert.Contains("restored into", await PathwayAsync($"snapshots restore --from s3://{bucket}/backup --to {elsewhere}/state", elsewhere));

        async Task<IReadOnlyList<string>> ManifestsAsync() => [.. (await store.ListAsync("", TestContext.Current.CancellationToken)).Where(key => key.Contains("/snapshots/", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task Create_WhereAnotherPipelineOfTheNameHasItsSnapshots_IsRefused()
    {
        var random = new Random(1);
        var store = $"s3://{await server.CreateBucketAsync()}/backup";
        for (var i = 0; i < 2; i++)
        {
            var folder = RunFolder.NewFolder("shop");
            await WriteAsync(folder, random, 100);
            await using var running = Start(folder);
            var said = "";
            await Eventually.TrueAsync(
                async () => (said = await PathwayAsync($"snapshots create {folder}/state --to {store}", folder)).Contains("made in", StringComparison.Ordinal) || said.Contains(store, StringComparison.Ordinal), "it runs and is asked for a snapshot");
            Assert.Contains(i == 0 ? "made in" : "holds snapshots of another pipeline of this name", said);
        }
    }

    private PathwayProcess Start(string folder, string? state = null) => PathwayProcess.StartAssembly("Pathway.Tests.Programs.dll", ["shop", folder, "2", state ?? Path.Combine(folder, "state")], server.Environment);

    private async Task<string> PathwayAsync(string command, string folder)
    {
        await using var process = PathwayProcess.Start(command.Split(' '), server.Environment, folder);
        await process.WaitForExitAsync();
        return process.Everything;
    }

    private async Task WriteAsync(string folder, Random random, int lines)
    {
        foreach (var file in Enumerable.Range(0, lines).Select(_ => _traffic.Next(random)).GroupBy(line => line.File))
            await File.AppendAllLinesAsync(Path.Combine(folder, file.Key), file.Select(line => JsonSerializer.Serialize(line.Row, line.Row.GetType(), JsonSerializerOptions.Web)));
    }
}
