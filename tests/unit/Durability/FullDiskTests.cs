using Microsoft.Extensions.Logging;
using Pathway.Core;
using Pathway.Tests.Unit.Storage.Logs;

namespace Pathway.Tests.Unit.Durability;

/// <summary>A full disk under the log: a commit waits for room and is then written once, or the writer is told to end; nothing of it is delivered before.</summary>
[Trait("suite", "unit")]
public sealed class FullDiskTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Commit_DiskFull_WaitsForRoomAndIsWrittenOnce(bool inTheMiddleOfARecord)
    {
        var full = new FullSignal();
        using var run = new DurableRun(budgetBytes: 1 << 20, full);
        Write(run);
        if (inTheMiddleOfARecord) run.Disk.WriteFails = ForgetfulDisk.NoSpace;
        else run.Disk.Free = 0;
        run.Submit();
        await full.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        run.Deliver();
        Assert.Equal(new CommitNumber(1), run.Durable);
        Assert.Equal(20, run.Target.Events);

        (run.Disk.WriteFails, run.Disk.Free) = (null, long.MaxValue);
        run.Drain();
        run.Finish();
        run.Kill();
        run.Finish();
    }

    [Fact]
    public async Task End_WhileTheDiskIsFull_LosesNothing()
    {
        var full = new FullSignal();
        using var run = new DurableRun(budgetBytes: 1 << 20, full);
        Write(run);
        run.Disk.Free = 0;
        run.Submit();
        await full.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        run.End();
        run.Disk.Free = long.MaxValue;
        run.Finish();
    }

    // One commit that is delivered, one that is about to be made.
    private static void Write(DurableRun run)
    {
        for (var i = 0; i < 20; i++) run.Change(new ShopOrder(100 + i, i % 3, i, "before"), null);
        run.Epoch(20);
        run.Commit();
        run.Deliver();
        for (var i = 0; i < 20; i++) run.Change(new ShopOrder(100 + i, i % 3, i + 1, new string('x', 500)), null);
        run.Epoch(20);
    }

    /// <summary>Completes when the log says that the disk is full.</summary>
    private sealed class FullSignal : ILogger
    {
        private readonly TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _said.Task;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains("is full", StringComparison.Ordinal)) _said.TrySetResult();
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
