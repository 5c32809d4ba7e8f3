using CsCheck;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage.Logs;

/// <summary>Whatever happens to the power and the process: what was durable is there, byte for byte, and at most the commit that was being written beside it, whole.</summary>
[Trait("suite", "unit")]
public sealed class CommitLogCrashTests
{
    [Fact]
    public void Open_AfterAnyCrashes_HoldsWhatWasDurable() => Gen.Int[0, int.MaxValue].Sample(seed => new Life(seed).Run(), iter: 400);

    /// <summary>The copy of the last commit at open: killed at every single step of it, the next open finds the same.</summary>
    [Theory]
    [InlineData(1ul << 40, 3)] // one segment, a copy beside it
    [InlineData(1, 3)] // the last commit has a segment of its own: the copy takes its place
    [InlineData(1, 1)]
    public void Open_KilledAtEveryStep_FindsTheSameLastCommit(long segmentBytes, int commits)
    {
        var options = Commits.Small with { SegmentBytes = segmentBytes };
        for (long step = 0; ; step++)
        {
            var disk = ClosedButNotSynced(options, commits, out var written);
            disk.DieAfter(step);
            var died = Record.Exception(() => Commits.Open(disk, options).Dispose()) is ForgetfulDisk.DiedException;
            disk.Revive();
            using (var log = Commits.Open(disk, options)) Commits.AssertHolds(log, written);
            if (!died) return;
            Assert.True(step < 50);
        }
    }

    [Fact]
    public void Open_PowerLostAtEveryStep_FindsTheLastCommitWholeOrNotAtAll()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            for (long step = 0; ; step++)
            {
                var disk = ClosedButNotSynced(Commits.Small, 3, out var written);
                disk.DieAfter(step);
                var died = Record.Exception(() => Commits.Open(disk).Dispose()) is ForgetfulDisk.DiedException;
                disk.LosePower(new Random(seed));
                using var log = Commits.Open(disk);
                if (died && log.Durable == Commits.Number(2)) written.RemoveAt(2);
                Commits.AssertHolds(log, written); // not died: the first open reported the commit, so it has to be here
                if (!died) break;
            }
        }
    }

    [Fact]
    public void Open_ClosedButNotSyncedThenPowerLost_KeepsWhatOpenReported()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var disk = ClosedButNotSynced(Commits.Small, 3, out var written); // killed there: the page cache has it, the disk doesn't
            disk.Revive();
            using (var log = Commits.Open(disk)) Assert.Equal(Commits.Number(3), log.Durable); // and delivers it
            disk.LosePower(new Random(seed));
            using var last = Commits.Open(disk);
            Commits.AssertHolds(last, written);
        }
    }

    [Fact]
    public void Open_TornTailOfAnyLength_KeepsTheCommitsBefore() => Gen.Select(Gen.Int[0, int.MaxValue], Gen.Double[0, 1]).Sample(
        (seed, place) =>
        {
            var disk = new ForgetfulDisk();
            List<byte[][]> written;
            long whole;
            using (var log = Commits.Open(disk, Commits.OneSegment))
            {
                var random = new Random(seed);
                written = Commits.Write(log, random, 3);
                whole = log.Bytes;
                Commits.Write(log, random, 1);
            }

            var path = Path.Combine(Commits.Folder, disk.List(Commits.Folder)[0]);
            disk[path] = disk[path][..(int)(whole + place * (disk[path].Length - whole - 1))];
            using var opened = Commits.Open(disk);
            Commits.AssertHolds(opened, written);
            written.AddRange(Commits.Write(opened, new Random(seed), 2)); // and goes on
            Commits.AssertHolds(opened, written);
        },
        iter: 200);

    /// <summary>Pages of the last commit reach the disk in any order: its first one is missing, its closing record there.</summary>
    [Fact]
    public void Open_TailTornInTheMiddle_KeepsTheCommitsBefore()
    {
        var disk = new ForgetfulDisk();
        List<byte[][]> written;
        long whole;
        using (var log = Commits.Open(disk, Commits.OneSegment))
        {
            written = Commits.Write(log, new Random(1), 3);
            whole = log.Bytes;
            for (var i = 0; i < 10; i++) log.Append(RecordKind.Output, default, new byte[5000]);
            log.Close(Commits.Number(4), default);
        }

        var path = Path.Combine(Commits.Folder, disk.List(Commits.Folder)[0]);
        var bytes = disk[path];
        bytes.AsSpan((int)whole, 6000).Clear();
        disk[path] = bytes;
        using var opened = Commits.Open(disk);
        Commits.AssertHolds(opened, written);
    }

    /// <summary>A process that dies in its very first commit, again and again: the file it began is replaced, and isn't taken for one that can be deleted.</summary>
    [Fact]
    public void Open_FirstCommitNeverClosed_BeginsAnew()
    {
        var disk = new ForgetfulDisk();
        for (var i = 0; i < 3; i++)
        {
            using var begun = Commits.Open(disk);
            begun.Append(RecordKind.State, default, new byte[600_000]);
        }

        using var log = Commits.Open(disk, Commits.Small with { SegmentBytes = 1 });
        var written = Commits.Write(log, new Random(1), 3);
        log.DeleteBefore(Commits.Number(2));
        Assert.Equal(2, log.Segments.Count);
        Commits.AssertHolds(log, written);
    }

    [Fact]
    public void Create_DiedBeforeItsFirstCommit_StillKnowsWhereItGoesOn()
    {
        var disk = new ForgetfulDisk();
        using (var log = CommitLog.Create(disk, Commits.Folder, Commits.Number(41), Commits.Small)) log.Append(RecordKind.State, default, new byte[600_000]);
        for (var i = 0; i < 3; i++)
        {
            using var opened = Commits.Open(disk, folded: 41);
            Assert.Equal((CommitNumber.None, Commits.Number(41)), (opened.First, opened.Durable));
            opened.Append(RecordKind.State, default, "x"u8);
        }

        using (var log = Commits.Open(disk, folded: 41))
        {
            log.Close(Commits.Number(42), "c"u8);
            log.Sync();
        }

        using var last = Commits.Open(disk, folded: 41);
        Assert.Equal((Commits.Number(42), Commits.Number(42)), (last.First, last.Durable));
    }

    private static ForgetfulDisk ClosedButNotSynced(CommitLogOptions options, int commits, out List<byte[][]> written)
    {
        var disk = new ForgetfulDisk();
        using var log = Commits.Open(disk, options);
        var random = new Random(7);
        written = Commits.Write(log, random, commits - 1);
        var last = Commits.Records(random);
        Commits.Append(log, last);
        log.Close(log.Durable.Next(), "close"u8);
        written.Add(last);
        return disk;
    }

    /// <summary>Some starts of one pipeline, each ended by a kill or a power loss at any step, with full disks in between.</summary>
    private sealed class Life(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly ForgetfulDisk _disk = new();
        private readonly List<byte[][]> _written = []; // records of commit i + 1; behind the durable ones at most the one that is being closed
        private ulong _durable, _folded;

        public void Run()
        {
            for (var start = 0; start < 8; start++)
            {
                if (_random.Next(3) > 0) _disk.DieAfter(_random.Next(60));
                try
                {
                    Start();
                }
                catch (ForgetfulDisk.DiedException)
                {
                }

                if (_random.Next(2) == 0) _disk.LosePower(_random);
                else _disk.Revive();
            }

            Start();
        }

        private void Start()
        {
            using var log = Commits.Open(_disk, folded: _folded);
            Assert.InRange(log.Durable.Value, _durable, (ulong)_written.Count);
            _durable = log.Durable.Value; // what Open reported stays
            _written.RemoveRange((int)_durable, _written.Count - (int)_durable);
            Commits.AssertHolds(log, _written);
            for (var commits = _random.Next(6); commits > 0; commits--)
            {
                if (!Commit(log)) return;
                if (_random.Next(3) == 0) _folded = (ulong)_random.NextInt64((long)_folded, (long)_durable + 1);
                if (_random.Next(3) == 0) log.DeleteBefore(Commits.Number(_folded + 1));
            }

            Commits.AssertHolds(log, _written);
        }

        private bool Commit(CommitLog log)
        {
            var records = Commits.Records(_random);
            foreach (var record in records)
            {
                if (WhenThereIsRoom(log, () => log.Append(RecordKind.State, Commits.HeaderOf(record), record))) continue;
                log.Abandon();
                return true;
            }

            if (_random.Next(8) == 0) return false;
            _written.RemoveRange((int)_durable, _written.Count - (int)_durable);
            _written.Add(records);
            if (!WhenThereIsRoom(log, () => log.Close(log.Durable.Next(), "close"u8)))
            {
                log.Abandon();
                _written.RemoveAt((int)_durable);
                return true;
            }

            if (_random.Next(8) == 0) return false;
            log.Sync();
            _durable = log.Durable.Value;
            Assert.Equal(_written.Count, (int)_durable);
            return true;
        }

        // False: the disk was full, and the commit is given up.
        private bool WhenThereIsRoom(CommitLog log, Action append)
        {
            if (_random.Next(10) == 0) _disk.WriteFails = ForgetfulDisk.NoSpace;
            var mark = log.Mark();
            while (true)
            {
                try
                {
                    append();
                    _disk.WriteFails = null;
                    return true;
                }
                catch (DiskFullException)
                {
                    _disk.WriteFails = null;
                    log.Rewind(mark);
                    if (_random.Next(2) == 0) return false;
                }
            }
        }
    }
}
