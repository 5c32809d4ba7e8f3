using System.Globalization;
using Pathway.Checkpointing;
using Pathway.Cli;
using Pathway.Hosting;
using Pathway.Tests.Unit.Cli;

namespace Pathway.Tests.Unit.Snapshots;

/// <summary>Snapshots that a running pipeline is asked for, while others are deleted and restored.</summary>
[Trait("suite", "unit")]
public sealed class RunningSnapshotTests : SnapshotTest
{
    [Fact]
    public async Task Create_WhileItRunsAtFullRate_BesidePruneAndRestore_IsWholeAndGoesOnExactly()
    {
        List<string> made = [], restored = [];
        await WhileRunningAsync(async running =>
        {
            made.Add(await WhenFreeAsync($"snapshots create {State} --to {Store}"));
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var pruning = RepeatAsync(async () => await WhenFreeAsync($"snapshots prune --from {Store} --keep 2"), enough.Token);
            var restoring = RepeatAsync(async () =>
            {
                var to = Path.Combine(_folder, $"restored-{restored.Count}");
                var run = await CommandLineTests.RunAsync($"snapshots restore --from {Store} --to {to}");
                // The newest when it began may have been deleted before its end: then it says so, and there is no directory that could be started.
                if (run.Code == ExitCode.Stopped) restored.Add(to);
                else
                {
                    Assert.Contains("no such file", run.Error);
                    Assert.False(File.Exists(Path.Combine(to, "pipeline.json")));
                    Directory.Delete(to, recursive: true);
                }
            }, enough.Token);
            while ((made.Count < 8 || restored.Count < 3) && !running.IsCompleted && !pruning.IsCompleted && !restoring.IsCompleted) made.Add(await WhenFreeAsync($"snapshots create {State} --to {Store}"));
            Assert.False(running.IsCompleted);
            Assert.All(made, line => Assert.Contains($"of totals made in {Store}", line));
            await enough.CancelAsync();
            await Task.WhenAll(pruning, restoring);
        });

        foreach (var snapshot in await Snapshots().ListAsync(Stop)) Assert.Empty(await Snapshots().VerifyAsync(snapshot, Stop));
        foreach (var directory in restored) Assert.NotNull(StateInspection.Run(directory, verify: true).Last);
        _until = ReadUntil(State);
        await CountAsync(100, restored[^1]); // the file is cut back to the snapshot, and the numbers since then come again
        Assert.Equal(Expected(), Found());
    }

    [Fact]
    public async Task Inspect_OfARunningPipeline_IsAnsweredByIt()
    {
        await WhileRunningAsync(async _ =>
        {
            Assert.Contains("totals, running", await CliAsync($"inspect {State}"));
        });
    }

    [Fact]
    public async Task Create_IntoAStoreThatCantBeWritten_IsToldAndThePipelineGoesOn()
    {
        await WhileRunningAsync(async _ =>
        {
            await File.WriteAllTextAsync(Store, "a file where the directory should be", Stop);
            var refused = await CommandLineTests.RunAsync($"snapshots create {State} --to {Store}");
            Assert.NotEqual(ExitCode.Stopped, refused.Code);
            Assert.Contains($"No snapshot could be made in {Store}", refused.Error);
            File.Delete(Store);
            await CliAsync($"snapshots create {State} --to {Store}");
        });
    }

    /// <summary>Runs a pipeline that can be asked; <paramref name="act"/> begins behind its first commit, and gets its run.</summary>
    private async Task WhileRunningAsync(Func<Task, Task> act)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var pipeline = Describe(long.MaxValue, State);
        await using var control = PipelineControl.Start(pipeline);
        var running = pipeline.RunAsync(stop: stop.Token);
        await await Task.WhenAny(_numbers!.Acknowledged, running).WaitAsync(Stop);
        await act(running);
        await stop.CancelAsync();
        await running;
    }

    private static async Task RepeatAsync(Func<Task> act, CancellationToken enough)
    {
        await Task.Yield();
        while (!enough.IsCancellationRequested) await act();
    }

    /// <summary>Whoever changes the store holds its lock; another one is told so, and comes again.</summary>
    private static async Task<string> WhenFreeAsync(string command)
    {
        while (true)
        {
            var run = await CommandLineTests.RunAsync(command);
            if (run.Code == ExitCode.Stopped) return run.Output;
            Assert.Contains("a lock that another process holds", run.Error);
            await Task.Delay(1, Stop);
        }
    }

    private static long ReadUntil(string state) => long.Parse(StateInspection.Run(state, verify: false).Last!.Summary.Frontier["numbers"]!.Value.Text, CultureInfo.InvariantCulture);
}
