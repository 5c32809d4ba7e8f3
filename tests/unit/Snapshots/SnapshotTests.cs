using System.Globalization;
using Pathway.Checkpointing;
using Pathway.Cli;
using Pathway.Core;
using Pathway.Storage;
using Pathway.Tests.Unit.Cli;
using Pathway.Tests.Unit.Durability;

namespace Pathway.Tests.Unit.Snapshots;

/// <summary>A snapshot is the pipeline at its commit: what is restored from it goes on where it was, exactly, or is refused.</summary>
[Trait("suite", "unit")]
public sealed class SnapshotTests : SnapshotTest
{
    [Fact]
    public async Task Restored_NewestOfAStoppedPipeline_GoesOnExactly()
    {
        await CountAsync(500, State);
        Assert.Contains("made in", await CliAsync($"snapshots create {State} --to {Store}"));
        await CountAsync(700, State);
        await CliAsync($"snapshots create {State} --to {Store}");
        Assert.Equal(2, (await CliAsync($"snapshots list --from {Store}")).Split('\n').Count(line => line.Contains("commit ", StringComparison.Ordinal)));
        Assert.Contains("is whole", await CliAsync($"snapshots verify --from {Store}"));
        var elsewhere = Path.Combine(_folder, "elsewhere");
        await CliAsync($"snapshots restore --from {Store} --to {elsewhere}");
        await CountAsync(300, elsewhere);
        Assert.Equal(Expected(), Found());
    }

    [Fact]
    public async Task Restored_BehindAFile_CutsItBackAndGoesOnExactly()
    {
        await CountAsync(500, State);
        await CliAsync($"snapshots create {State} --to {Store}");
        await CountAsync(700, State);
        var elsewhere = Path.Combine(_folder, "elsewhere");
        await CliAsync($"snapshots restore --from {Store} --to {elsewhere}");
        await CountAsync(300, elsewhere);
        Assert.Equal(Expected(), Found());
    }

    [Fact]
    public async Task Restored_BehindItsTarget_IsRefusedAndWritesNothing()
    {
        _target = new MemoryTarget();
        await CountAsync(500, State);
        await CliAsync($"snapshots create {State} --to {Store}");
        await CountAsync(700, State);
        var (view, marker) = (new Dictionary<string, string>(_target.View), _target.Marker);
        var elsewhere = Path.Combine(_folder, "elsewhere");
        await CliAsync($"snapshots restore --from {Store} --to {elsewhere}");
        var refused = await Assert.ThrowsAsync<RefusalException>(() => CountAsync(1, elsewhere));
        Assert.Contains("this directory was restored from snapshot", refused.Message);
        Assert.Equal(view, _target.View);
        Assert.Equal(marker, _target.Marker);
    }

    [Fact]
    public async Task Original_AfterARestoredCopyTookOver_IsRefused()
    {
        _target = new MemoryTarget();
        await CountAsync(500, State);
        await CliAsync($"snapshots create {State} --to {Store}");
        var elsewhere = Path.Combine(_folder, "elsewhere");
        await CliAsync($"snapshots restore --from {Store} --to {elsewhere}");
        await CountAsync(100, elsewhere);
        var refused = await Assert.ThrowsAsync<RefusalException>(() => CountAsync(1, State));
        Assert.Contains("A copy of this state directory took over", refused.Message);
    }

    [Fact]
    public async Task Damage_IsFoundByVerifyAndRefusedByRestore()
    {
        await CountAsync(500, State);
        await CliAsync($"snapshots create {State} --to {Store}");
        var log = Directory.GetFiles(Path.Combine(Store, "totals", "objects")).OrderByDescending(f => new FileInfo(f).Length).First();
        var bytes = await File.ReadAllBytesAsync(log, Stop);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(log, bytes, Stop);
        var verified = await CommandLineTests.RunAsync($"snapshots verify --from {Store}");
        Assert.Equal(ExitCode.Failed, verified.Code);
        Assert.Contains("is damaged", verified.Error);
        var restored = await CommandLineTests.RunAsync($"snapshots restore --from {Store} --to {_folder}/elsewhere");
        Assert.Equal(ExitCode.Refused, restored.Code);
        Assert.Contains("isn't whole", restored.Error);
        Assert.False(File.Exists(Path.Combine(_folder, "elsewhere", "pipeline.json")));
    }

    [Fact]
    public async Task Prune_KeepsTheNewestAndWhatItNeeds()
    {
        for (var i = 0; i < 4; i++)
        {
            await CountAsync(200, State);
            await CliAsync($"snapshots create {State} --to {Store}");
        }

        var before = Directory.GetFiles(Path.Combine(Store, "totals", "objects")).Length;
        await CliAsync($"snapshots prune --from {Store} --keep 1");
        Assert.True(Directory.GetFiles(Path.Combine(Store, "totals", "objects")).Length < before);
        Assert.Single(await Snapshots().ListAsync(Stop));
        Assert.Contains("is whole", await CliAsync($"snapshots verify --from {Store}"));
        await CliAsync($"snapshots restore --from {Store} --to {_folder}/elsewhere");
        await CountAsync(100, Path.Combine(_folder, "elsewhere"));
        Assert.Equal(Expected(), Found());
    }

    [Fact]
    public async Task Create_TwiceOfTheSameFilesOfRocksDb_StoresThemOnce()
    {
        await CountAsync(500, State);
        var paths = new StatePaths(State);
        using (var db = StateDb.Open(paths.State))
        using (var log = CommitLog.Open(new LocalDisk(), paths.Log, db.Checkpoint, new CommitLogOptions()))
            new Checkpointer(paths.Fold, new CheckpointOptions()).Fold(log, db, log.Durable);

        await CliAsync($"snapshots create {State} --to {Store}");
        await CliAsync($"snapshots create {State} --to {Store}");
        var all = await Snapshots().ListAsync(Stop);
        var sorted = all[0].Files.Where(f => f.Path.EndsWith(".sst", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(sorted);
        Assert.Equal(sorted, all[^1].Files.Where(f => f.Path.EndsWith(".sst", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Create_WhereAnotherPipelineOfTheNameHasItsSnapshots_IsRefused()
    {
        await CountAsync(10, State);
        await CliAsync($"snapshots create {State} --to {Store}");
        Directory.Delete(State, recursive: true);
        _target = new MemoryTarget();
        await CountAsync(10, State);
        var refused = await CommandLineTests.RunAsync($"snapshots create {State} --to {Store}");
        Assert.Equal(ExitCode.Refused, refused.Code);
        Assert.Contains("another pipeline of this name", refused.Error);
    }

    [Fact]
    public async Task Create_WhileThePipelineRuns_IsRefused()
    {
        await CountAsync(10, State);
        using var taken = DirectoryLock.Take(new StatePaths(State));
        var refused = await CommandLineTests.RunAsync($"snapshots create {State} --to {Store}");
        Assert.Equal(ExitCode.Refused, refused.Code);
        Assert.Contains("is in use", refused.Error);
    }

    [Fact]
    public async Task Schedule_WhileItRunsAtFullRate_MakesWholeSnapshotsAndKeepsAsManyAsAsked()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var options = new SnapshotOptions { Store = new LocalObjectStore(Store), Every = TimeSpan.FromMilliseconds(20), Keep = 3 };
        var running = RunAsync(long.MaxValue, State, o => o with { Snapshots = options }, stop.Token);
        var seen = new HashSet<string>();
        while (seen.Count < 6)
        {
            Assert.False(running.IsCompleted);
            foreach (var snapshot in await Snapshots().ListAsync(Stop)) seen.Add(snapshot.Id);
            await Task.Delay(5, Stop);
        }

        await stop.CancelAsync();
        await running;
        var left = await Snapshots().ListAsync(Stop);
        Assert.InRange(left.Count, 1, 4); // one more where the stop came between making and deleting
        foreach (var snapshot in left)
        {
            Assert.Empty(await Snapshots().VerifyAsync(snapshot, Stop));
            var restored = Path.Combine(_folder, snapshot.Id);
            await Snapshots().RestoreAsync(snapshot, restored, Stop);
            var found = StateInspection.Run(restored, verify: true);
            Assert.Equal(snapshot.Commit, found.Last!.Summary.Number.Value);
            Assert.Equal(snapshot.Frontier, found.Last.Summary.Frontier.Positions.ToDictionary(p => p.Key, p => p.Value.Text));
        }

        _until = long.Parse(StateInspection.Run(State, verify: true).Last!.Summary.Frontier["numbers"]!.Value.Text, CultureInfo.InvariantCulture);
        await CountAsync(100, State);
        Assert.Equal(Expected(), Found());
        Assert.False(Directory.Exists(Path.Combine(State, "frozen")));
    }
}
