using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage.Logs;

[Trait("suite", "unit")]
public sealed class CommitLogTests
{
    private readonly ForgetfulDisk _disk = new();

    [Fact]
    public void Append_RecordsOfAnySize_ComeBackAsTheyWere()
    {
        byte[][] records = [[], [1], new byte[4096], new byte[SegmentWriter.BufferBytes - 34], new byte[SegmentWriter.BufferBytes], new byte[(16 << 20) - 2]];
        foreach (var record in records) new Random(record.Length).NextBytes(record);
        using var log = Commits.Open(_disk);
        Commits.Append(log, records);
        log.Close(Commits.Number(1), "close"u8);
        log.Sync();
        Commits.AssertHolds(log, [records]);
        using var opened = Commits.Open(_disk);
        Commits.AssertHolds(opened, [records]);
    }

    [Fact]
    public void Append_MoreThan16Megabytes_RefusesTheRecordAlone()
    {
        using var log = Commits.Open(_disk);
        Assert.Throws<BadDataException>(() => log.Append(RecordKind.State, "h"u8, new byte[16 << 20]));
        var written = Commits.Write(log, new Random(1), 1);
        Commits.AssertHolds(log, written);
    }

    [Fact]
    public void Append_BeforeTheLastCommitIsSynced_IsABug()
    {
        using var log = Commits.Open(_disk);
        log.Close(Commits.Number(1), default);
        Assert.Throws<InvariantException>(() => log.Append(RecordKind.State, default, "x"u8));
    }

    [Fact]
    public void Close_OtherThanTheNextNumber_IsABug()
    {
        using var log = Commits.Open(_disk);
        Assert.Throws<InvariantException>(() => log.Close(Commits.Number(2), default));
    }

    [Fact]
    public void Sync_WithoutAClosedCommit_IsABug()
    {
        using var log = Commits.Open(_disk);
        Commits.Write(log, new Random(1), 1);
        log.Append(RecordKind.State, default, "x"u8);
        Assert.Throws<InvariantException>(log.Sync);
    }

    [Fact]
    public void Sync_ThatFails_PoisonsTheLog()
    {
        using var log = Commits.Open(_disk);
        log.Append(RecordKind.State, default, "x"u8);
        log.Close(Commits.Number(1), default);
        _disk.SyncFails = true;
        Assert.False(Assert.Throws<ConnectorException>(log.Sync).IsTransient);
        _disk.SyncFails = false;
        Assert.Equal(CommitNumber.None, log.Durable);
        Assert.Throws<InvariantException>(() => log.Append(RecordKind.State, default, "y"u8));
        Assert.Throws<InvariantException>(log.Sync);
        Assert.Throws<InvariantException>(log.Abandon);
    }

    [Fact]
    public void Append_DiskBroken_PoisonsTheLog()
    {
        using var log = Commits.Open(_disk);
        Commits.Write(log, new Random(1), 1);
        _disk.WriteFails = ForgetfulDisk.Broken;
        Assert.False(Assert.Throws<ConnectorException>(() => log.Append(RecordKind.State, default, new byte[1 << 20])).IsTransient);
        _disk.WriteFails = null;
        Assert.Throws<InvariantException>(() => log.Append(RecordKind.State, default, "y"u8));
    }

    [Fact]
    public void Append_DiskBelowTheReserve_ThrowsAndGoesOnWhenThereIsRoom()
    {
        _disk.Free = 999;
        using var log = Commits.Open(_disk);
        Assert.True(Assert.Throws<DiskFullException>(() => log.Append(RecordKind.State, default, "x"u8)).IsTransient);
        _disk.Free = long.MaxValue;
        var written = Commits.Write(log, new Random(1), 1);
        Commits.AssertHolds(log, written);
    }

    [Fact]
    public void Append_WhileTheDiskFills_StopsBeforeTheReserveIsEaten()
    {
        using var log = Commits.Open(_disk, Commits.Small with { ReserveBytes = 1 << 20, BytesBetweenLooksAtTheDisk = 64 << 10 });
        _disk.Free = 2 << 20;
        var record = new byte[10_000];
        var appended = 0;
        Assert.Throws<DiskFullException>((Action)Fill);
        Assert.InRange(appended, (1 << 20) - 10_000, (1 << 20) + (64 << 10) + 10_000);

        void Fill()
        {
            for (; ; appended += record.Length)
            {
                log.Append(RecordKind.State, default, record);
                _disk.Free -= record.Length;
            }
        }
    }

    [Fact]
    public void Close_DiskFull_CanBeClosedAgain()
    {
        using var log = Commits.Open(_disk);
        var written = Commits.Write(log, new Random(1), 1);
        var records = Commits.Records(new Random(2));
        Commits.Append(log, records);
        for (var i = 0; i < 2; i++)
        {
            _disk.WriteFails = ForgetfulDisk.NoSpace;
            Assert.Throws<DiskFullException>(() => log.Close(Commits.Number(2), "close"u8));
            _disk.WriteFails = null;
        }

        log.Close(Commits.Number(2), "close"u8);
        log.Sync();
        written.Add(records);
        Commits.AssertHolds(log, written);
    }

    [Fact]
    public void Rewind_AfterDiskFull_LeavesTheRecordsBefore()
    {
        using var log = Commits.Open(_disk);
        log.Append(RecordKind.State, Commits.HeaderOf([5]), [5]);
        var mark = log.Mark();
        for (var i = 0; i < 10; i++) log.Append(RecordKind.State, default, new byte[100_000]); // some of it is written already
        _disk.WriteFails = ForgetfulDisk.NoSpace;
        Assert.Throws<DiskFullException>(() => log.Append(RecordKind.State, default, new byte[300_000]));
        _disk.WriteFails = null;
        log.Rewind(mark);
        log.Append(RecordKind.State, Commits.HeaderOf([6]), [6]);
        log.Close(Commits.Number(1), "close"u8);
        log.Sync();
        Commits.AssertHolds(log, [[[5], [6]]]);
        using var opened = Commits.Open(_disk);
        Commits.AssertHolds(opened, [[[5], [6]]]);
    }

    [Fact]
    public void Abandon_DropsTheOpenCommit()
    {
        using var log = Commits.Open(_disk);
        var written = Commits.Write(log, new Random(1), 2);
        log.Append(RecordKind.State, default, new byte[700_000]);
        log.Abandon();
        log.Abandon();
        written.AddRange(Commits.Write(log, new Random(2), 2));
        Commits.AssertHolds(log, written);
        using var opened = Commits.Open(_disk);
        Commits.AssertHolds(opened, written);
    }

    [Fact]
    public void Open_NoRoomForTheCopy_ThrowsAndLeavesTheLogAsItIs()
    {
        List<byte[][]> written;
        using (var log = Commits.Open(_disk)) written = Commits.Write(log, new Random(1), 3);
        _disk.WriteFails = ForgetfulDisk.NoSpace;
        Assert.Throws<DiskFullException>(() => Commits.Open(_disk));
        _disk.WriteFails = null;
        using var opened = Commits.Open(_disk);
        Commits.AssertHolds(opened, written);
    }

    [Fact]
    public void Open_AgainAndAgain_DoesNotGrow()
    {
        using (var log = Commits.Open(_disk)) Commits.Write(log, new Random(1), 3);
        for (var i = 0; i < 5; i++)
        {
            using var opened = Commits.Open(_disk);
            Assert.Equal(Commits.Number(3), opened.Segments[^1].First);
        }

        Assert.Single(_disk.List(Commits.Folder), "0000000000000003.log");
        Assert.DoesNotContain(_disk.List(Commits.Folder), n => n.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Segments_TellWhichCommitsTheyHold()
    {
        using var log = Commits.Open(_disk, Commits.Small with { SegmentBytes = 100 });
        Commits.Write(log, new Random(3), 3);
        Assert.Equal(
            [("0000000000000001.log", Commits.Number(1), Commits.Number(1)), ("0000000000000002.log", Commits.Number(2), Commits.Number(2)), ("0000000000000003.log", Commits.Number(3), Commits.Number(3))],
            log.Segments.Select(s => (s.Name, s.First, s.Last)));
        Assert.Equal(log.Bytes, log.Segments.Sum(s => s.Bytes));
        Assert.Equal(log.Bytes - 3 * 32, log.BytesTaken);
        var inspected = LogInspection.Run(_disk, Commits.Folder, _ => { });
        Assert.Equal(log.Segments, inspected.Segments);
        Assert.Equal((Commits.Number(1), Commits.Number(3)), (inspected.First, inspected.Last));
    }

    [Fact]
    public void DeleteBefore_KeepsTheSegmentOfTheCommit()
    {
        using var log = Commits.Open(_disk, Commits.Small with { SegmentBytes = 100 });
        var written = Commits.Write(log, new Random(3), 9);
        log.DeleteBefore(Commits.Number(7));
        Assert.Equal(Commits.Number(7), log.First);
        Commits.AssertHolds(log, written);
        Assert.Contains("missing", Assert.Throws<RefusalException>(() => log.Read(Commits.Number(6)).TryRead(out _)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DeleteBefore_EvenEverything_KeepsTheNewestSegment()
    {
        using var log = Commits.Open(_disk, Commits.Small with { SegmentBytes = 100 });
        Commits.Write(log, new Random(3), 3);
        log.DeleteBefore(Commits.Number(1000));
        Assert.Equal((Commits.Number(3), 1), (log.First, log.Segments.Count));
    }

    [Fact]
    public void Create_AfterACommit_GoesOnBehindIt()
    {
        using (var log = CommitLog.Create(_disk, Commits.Folder, Commits.Number(41), Commits.Small))
        {
            log.Close(Commits.Number(42), "c"u8);
            log.Sync();
        }

        using var opened = Commits.Open(_disk, folded: 41);
        Assert.Equal((Commits.Number(42), Commits.Number(42)), (opened.First, opened.Durable));
    }
}
