using Pathway.Core;

namespace Pathway.Tests.Unit.Durability;

/// <summary>State that isn't as it was written: refused at the latest by the first read that meets it, and nothing wrong is ever delivered.</summary>
[Trait("suite", "unit")]
public sealed class DamagedStateTests
{
    /// <summary>A budget that holds nothing: every read goes to RocksDB.</summary>
    private const long Evicting = 1;

    [Theory]
    [InlineData(Evicting)]
    [InlineData(1L << 30)]
    public void Run_BlockOfASortedFileDamaged_StopsAtTheFirstReadThatMeetsIt(long budget)
    {
        using var run = Checkpointed(budget);
        var before = run.Target.View.ToDictionary();
        run.End();
        var file = SortedFiles(run).MaxBy(f => new FileInfo(f).Length)!;
        var bytes = File.ReadAllBytes(file);
        for (var i = 0; i < bytes.Length * 3 / 4; i += 64) bytes[i] ^= 0x55; // data blocks; index and footer stand behind them
        File.WriteAllBytes(file, bytes);

        var refusal = Assert.Throws<RefusalException>(() =>
        {
            for (var id = 0; id < 400; id++) run.Change(new ShopOrder(100 + id, id % 7, 1, "changed"), null);
            run.Finish();
        });

        Assert.Contains("is damaged", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(file), refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, run.Target.View);
    }

    [Fact]
    public void Open_SortedFileGone_IsRefused()
    {
        using var run = Checkpointed(Evicting);
        run.End();
        File.Delete(SortedFiles(run)[0]);
        Assert.Contains("is damaged", Assert.Throws<RefusalException>(run.Deliver).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RocksDbOfALaterCopy_IsRefusedAsAheadOfTheLog()
    {
        using var run = Checkpointed(Evicting);
        run.End();
        var log = run.Disk.List(Path.Combine(run.Folder, "log")).ToDictionary(name => name, name => run.Disk[Path.Combine(run.Folder, "log", name)]);
        run.Change(new ShopOrder(100, 1, 5, "later"), null);
        run.Epoch(1);
        run.Commit();
        run.Checkpoint();
        run.End();

        // The log of before comes back from a copy, RocksDB stays.
        foreach (var name in run.Disk.List(Path.Combine(run.Folder, "log"))) run.Disk.Delete(Path.Combine(run.Folder, "log", name));
        foreach (var (name, bytes) in log)
        {
            using var file = run.Disk.Create(Path.Combine(run.Folder, "log", name));
            file.Write(0, bytes);
        }

        Assert.Contains("RocksDB is ahead of the commit log", Assert.Throws<RefusalException>(run.Deliver).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RocksDbGoneAndLogDeletedBehindIt_IsRefused()
    {
        using var run = Checkpointed(Evicting);
        run.Change(new ShopOrder(100, 1, 5, "later"), null);
        run.Epoch(1);
        run.Commit();
        run.Deliver();
        run.Checkpoint();
        run.DeleteLog();
        run.End();
        Directory.Delete(Path.Combine(run.Folder, "state"), recursive: true);
        Assert.Contains("is missing", Assert.Throws<RefusalException>(run.Deliver).Message, StringComparison.Ordinal);
    }

    private static DurableRun Checkpointed(long budget)
    {
        var run = new DurableRun(budget);
        for (var id = 0; id < 7; id++) run.Change(null, new ShopCustomer(id, $"name {id}"));
        for (var id = 0; id < 400; id++) run.Change(new ShopOrder(100 + id, id % 7, id, $"note {id} of {id * 7919 % 1000}"), null);
        run.Epoch(int.MaxValue);
        run.Commit();
        run.Deliver();
        run.Checkpoint();
        return run;
    }

    private static string[] SortedFiles(DurableRun run) => Directory.GetFiles(Path.Combine(run.Folder, "state"), "*.sst");
}
