using CsCheck;
using Pathway.Checkpointing;
using Pathway.Core;
using Pathway.Storage;
using Pathway.Tests.Unit.Storage;
using Pathway.Tests.Unit.Storage.Logs;

namespace Pathway.Tests.Unit.Checkpointing.Folding;

/// <summary>RocksDB at a checkpoint is the log's state up to that commit, and says so (I1b).</summary>
[Trait("suite", "unit")]
public sealed class CheckpointerTests : IDisposable
{
    private const string LogFolder = "/log";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(64 << 20)]
    [InlineData(300)]
    public void Fold_AnyCheckpointsAndRestarts_EqualsTheChanges(int foldBytes) => Gen.Int[0, int.MaxValue].Sample(
        seed =>
        {
            var random = new Random(seed);
            var changes = new Changes(random);
            var disk = new ForgetfulDisk();
            var (state, fold) = (Path.Combine(_folder.Path, Guid.NewGuid().ToString("N")), Path.Combine(_folder.Path, "fold"));
            for (var start = 0; start < 4; start++)
            {
                using var db = StateDb.Open(state);
                using var log = CommitLog.Open(disk, LogFolder, db.Checkpoint, new CommitLogOptions { SegmentBytes = 2000, ReserveBytes = 0 });
                var checkpointer = new Checkpointer(fold, new CheckpointOptions { FoldBytes = foldBytes });
                for (var commits = random.Next(1, 8); commits > 0; commits--)
                {
                    Commit(log, random, changes);
                    if (random.Next(3) > 0) continue;
                    Assert.Equal(log.Durable, checkpointer.Fold(log, db, log.Durable));
                    AssertHolds(db, changes);
                    if (random.Next(2) == 0) log.DeleteBefore(db.Checkpoint.Next()); // else killed between ingestion and deletion
                }
            }

            using var last = StateDb.Open(state);
            using var lastLog = CommitLog.Open(disk, LogFolder, last.Checkpoint, new CommitLogOptions { ReserveBytes = 0 });
            new Checkpointer(fold, new CheckpointOptions { FoldBytes = foldBytes }).Fold(lastLog, last, lastLog.Durable);
            AssertHolds(last, changes);
        },
        iter: 15, threads: 1);

    [Fact]
    public void Fold_UpToAnEarlierCommit_LeavesTheLaterOnesOut()
    {
        using var db = StateDb.Open(Path.Combine(_folder.Path, "state"));
        using var log = CommitLog.Open(new ForgetfulDisk(), LogFolder, default, new CommitLogOptions { ReserveBytes = 0 });
        var (random, early, late) = (new Random(1), new Changes(new Random(2)), new Changes(new Random(3)));
        Commit(log, random, early);
        Commit(log, random, early);
        Commit(log, random, late);
        var checkpointer = new Checkpointer(Path.Combine(_folder.Path, "fold"), new CheckpointOptions());
        Assert.Equal(new CommitNumber(2), checkpointer.Fold(log, db, new CommitNumber(2)));
        AssertHolds(db, early);
        Assert.Equal(new CommitNumber(2), checkpointer.Fold(log, db, new CommitNumber(1)));
    }

    [Fact]
    public void Fold_NotDurableYet_IsABug()
    {
        using var db = StateDb.Open(Path.Combine(_folder.Path, "state"));
        using var log = CommitLog.Open(new ForgetfulDisk(), LogFolder, default, new CommitLogOptions { ReserveBytes = 0 });
        log.Close(new CommitNumber(1), default);
        Assert.Throws<InvariantException>(() => new Checkpointer(Path.Combine(_folder.Path, "fold"), new CheckpointOptions()).Fold(log, db, new CommitNumber(1)));
    }

    [Fact]
    public void Fold_ThatFails_LeavesRocksDbAsItWasAndCanBeRepeated()
    {
        var (state, fold) = (Path.Combine(_folder.Path, "state"), Path.Combine(_folder.Path, "fold"));
        var disk = new ForgetfulDisk();
        var changes = new Changes(new Random(2));
        using var db = StateDb.Open(state);
        using var log = CommitLog.Open(disk, LogFolder, default, new CommitLogOptions { ReserveBytes = 0, SegmentBytes = 1 });
        Commit(log, new Random(1), changes);
        Commit(log, new Random(1), changes);
        var path = Path.Combine(LogFolder, disk.List(LogFolder)[1]);
        var intact = disk[path];
        disk[path] = [.. intact[..100], (byte)(intact[100] ^ 1), .. intact[101..]];
        var checkpointer = new Checkpointer(fold, new CheckpointOptions { FoldBytes = 300 });
        Assert.Throws<RefusalException>(() => checkpointer.Fold(log, db, log.Durable));
        Assert.Equal(CommitNumber.None, db.Checkpoint);
        if (Directory.Exists(fold)) Assert.Empty(Directory.GetFiles(fold));
        disk[path] = intact;
        checkpointer.Fold(log, db, log.Durable);
        AssertHolds(db, changes);
    }

    [Fact]
    public void Checkpointer_RunsLeftByAKill_AreDeleted()
    {
        var fold = Directory.CreateDirectory(Path.Combine(_folder.Path, "fold")).FullName;
        File.WriteAllText(Path.Combine(fold, "000001.run"), "left");
        _ = new Checkpointer(fold, new CheckpointOptions());
        Assert.False(Directory.Exists(fold));
    }

    [Theory]
    [InlineData(10, 0, 0, false, false)]
    [InlineData(100, 0, 0, false, true)] // enough log
    [InlineData(10, 30, 0, false, true)] // long enough ago
    [InlineData(10, 0, 0, true, true)] // the state's budget is full
    [InlineData(100, 30, 13, false, false)] // level 0 is full: compaction first
    [InlineData(400, 0, 13, false, true)] // but not for ever
    [InlineData(10, 0, 13, true, true)]
    public void IsDue_ByLogTimeFilesAndState(long newLogBytes, int seconds, int levelZeroFiles, bool stateWantsIt, bool expected) =>
        Assert.Equal(expected, new CheckpointOptions { LogBytes = 100 }.IsDue(newLogBytes, TimeSpan.FromSeconds(seconds), levelZeroFiles, stateWantsIt));

    private static void Commit(CommitLog log, Random random, Changes changes)
    {
        for (var records = random.Next(3); records >= 0; records--)
        {
            log.Append(RecordKind.State, default, changes.Next(random.Next(30), 200));
            if (random.Next(2) == 0) log.Append(RecordKind.Output, "out"u8, "not state"u8);
        }

        log.Close(log.Durable.Next(), default);
        log.Sync();
    }

    private static void AssertHolds(StateDb db, Changes changes)
    {
        var found = new List<(byte[] Key, byte[] Value)>();
        db.Scan([0, 0, 0, 1], (key, value) =>
        {
            found.Add((key.ToArray(), value.ToArray()));
            return true;
        });
        Assert.Equal(changes.Live.Select(e => (Convert.ToHexString(e.Key), Convert.ToHexString(e.Value))), found.Select(e => (Convert.ToHexString(e.Key), Convert.ToHexString(e.Value))));
    }
}
