using System.Text.Json;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Kills;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Objects;

/// <summary>Snapshots in a bucket: made of a pipeline that runs, restored elsewhere, gone on with.</summary>
[Trait("suite", "snapshots")]
public sealed class S3SnapshotTests(S3Server server, ITestOutputHelper output)
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
            var created = await PathwayAsync($"snapshots create {folder}/state --to {store}", folder);
            while (created.Contains("is no state directory", StringComparison.Ordinal)) created = await PathwayAsync($"snapshots create {folder}/state --to {store}", folder);
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
    public async Task Create_WhereAnotherPipelineOfTheNameHasItsSnapshots_IsRefused()
    {
        var random = new Random(1);
        var store = $"s3://{await server.CreateBucketAsync()}/backup";
        for (var i = 0; i < 2; i++)
        {
            var folder = RunFolder.NewFolder("shop");
            await WriteAsync(folder, random, 100);
            await using var running = Start(folder);
            await Eventually.TrueAsync(() => File.Exists(Path.Combine(folder, "lines.jsonl")), "the pipeline runs");
            var said = await PathwayAsync($"snapshots create {folder}/state --to {store}", folder);
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
