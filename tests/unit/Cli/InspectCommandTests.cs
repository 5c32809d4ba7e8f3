using System.Text;
using Pathway.Checkpointing;
using Pathway.Cli;
using Pathway.Core;
using Pathway.Hosting;

namespace Pathway.Tests.Unit.Cli;

[Trait("suite", "unit")]
public sealed class InspectCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("inspect-").FullName;
    private readonly PlanDescription _plan = new([new PlanStep("orders", "Source", "Order", "", false), new PlanStep("totals", "GroupBy", "Order", "", true)]);

    [Fact]
    public async Task Inspect_ADirectoryWithCommits_ShowsThemAndTheOutbox()
    {
        Fill(commits: 3, delivered: 1);
        var before = Files();
        var run = await CommandLineTests.RunAsync($"inspect {_folder} --verify");
        Assert.Equal((ExitCode.Stopped, ""), (run.Code, run.Error));
        Assert.Contains("pipeline     shop (", run.Output);
        Assert.Contains("plan         2 steps, 1 with state", run.Output);
        Assert.Contains("log          commits 1 to 3 in 1 segment, ", run.Output);
        Assert.Contains("state        no checkpoint yet; all of it is in the log", run.Output);
        Assert.Contains("last commit  3, epoch 30, by incarnation ", run.Output);
        Assert.Contains("frontier     file:orders at 3", run.Output);
        Assert.Contains("outbox       kafka: delivered up to commit 1 on record, 2 rows of 2 commits behind that (", run.Output);
        Assert.Contains("every record of the log and every block of the state is intact", run.Output);
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task Inspect_ADamagedLog_IsRefused()
    {
        Fill(commits: 3, delivered: 3);
        var segment = Directory.GetFiles(Path.Combine(_folder, "log")).Single();
        var bytes = File.ReadAllBytes(segment);
        bytes[100] ^= 1;
        File.WriteAllBytes(segment, bytes);
        var run = await CommandLineTests.RunAsync($"inspect {_folder} --verify");
        Assert.Equal(ExitCode.Refused, run.Code);
        Assert.Contains(segment, run.Error);
        Assert.Contains("damage at byte", run.Error);
    }

    [Fact]
    public async Task Inspect_ADirectoryInUse_IsRefused()
    {
        Fill(commits: 1, delivered: 1);
        using var taken = DirectoryLock.Take(new StatePaths(_folder));
        var run = await CommandLineTests.RunAsync($"inspect {_folder}");
        Assert.Equal(ExitCode.Refused, run.Code);
        Assert.Contains("is in use", run.Error);
    }

    [Fact]
    public async Task Inspect_NoStateDirectory_IsBadUsage()
    {
        var run = await CommandLineTests.RunAsync($"inspect {_folder}/nowhere");
        Assert.Equal((ExitCode.BadUsage, $"pathway: '{_folder}/nowhere' is no state directory: it holds no pipeline.json.{Environment.NewLine}"), (run.Code, run.Error));
        Assert.False(Directory.Exists($"{_folder}/nowhere"));
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "0.98 KB")]
    [InlineData(15_872, "15.5 KB")]
    [InlineData(256L << 20, "256 MB")]
    [InlineData(3L << 40, "3.00 TB")]
    public void Text_OfBytes_IsShort(long bytes, string text) => Assert.Equal(text, Sizes.Text(bytes));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Fill(ulong commits, ulong delivered)
    {
        using var folder = StateFolder.Open(new StateFolderOptions { Directory = _folder, Name = "shop", Plan = _plan, Now = DateTimeOffset.UnixEpoch });
        for (ulong number = 1; number <= commits; number++)
        {
            using var output = new OutputBuffer();
            output.Add("totals", Encoding.UTF8.GetBytes($"{number}"), "{}"u8);
            OutputRecord.Append(folder.Log, "kafka", output, new OutputCompression());
            var frontier = Frontier.Empty.With("file:orders", new Position($"{number}"));
            var summary = new CommitSummary(new CommitNumber(number), new Epoch(number * 10), frontier, [new CommitOutput("kafka", 1, output.Bytes.Length)]);
            var marker = new Marker(new PipelineId(folder.Manifest.Pipeline), folder.Manifest.Current, "kafka", new CommitNumber(Math.Min(number, delivered)), 1, true, frontier);
            folder.Log.Close(summary.Number, new CommitHeader(summary, folder.Manifest.Current, [new DeliveredMarker(marker)]).ToBytes());
            folder.Log.Sync();
        }
    }

    private List<string> Files() =>
        [.. Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("/lock", StringComparison.Ordinal)).Order().Select(f => $"{f} {File.GetLastWriteTimeUtc(f):O} {new FileInfo(f).Length}")];
}
