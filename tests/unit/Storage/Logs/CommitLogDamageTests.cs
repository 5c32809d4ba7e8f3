using CsCheck;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage.Logs;

/// <summary>What was durable and isn't as it was written is refused, never guessed (I7).</summary>
[Trait("suite", "unit")]
public sealed class CommitLogDamageTests
{
    [Theory]
    [InlineData(1L << 40)]
    [InlineData(20_000)]
    public void Open_AnyByteBeforeTheTailChanged_Refuses(long segmentBytes) => Gen.Select(Gen.Int[0, int.MaxValue], Gen.Double[0, 1]).Sample(
        (seed, place) =>
        {
            var random = new Random(seed);
            var disk = new ForgetfulDisk();
            long beforeTheLast;
            using (var log = Commits.Open(disk, Commits.Small with { SegmentBytes = segmentBytes }))
            {
                Commits.Write(log, random, 6);
                beforeTheLast = log.Bytes;
                Commits.Write(log, random, 1);
            }

            Flip(disk, (long)(place * (beforeTheLast - 1)), random);
            Assert.Contains("/log/", Assert.Throws<RefusalException>(() => Commits.Open(disk).Dispose()).Message, StringComparison.Ordinal);
        },
        iter: 200);

    [Fact]
    public void Open_AnyByteOfTheTailChanged_KeepsTheCommitsBeforeOrRefuses() => Gen.Select(Gen.Int[0, int.MaxValue], Gen.Double[0, 1]).Sample(
        (seed, place) =>
        {
            var random = new Random(seed);
            var disk = new ForgetfulDisk();
            List<byte[][]> written;
            long whole, end;
            using (var log = Commits.Open(disk, Commits.OneSegment))
            {
                written = Commits.Write(log, random, 2);
                whole = log.Bytes;
                Commits.Write(log, random, 1);
                end = log.Bytes;
            }

            Flip(disk, whole + (long)(place * (end - whole - 1)), random);
            using var opened = Commits.Open(disk);
            Commits.AssertHolds(opened, written);
        },
        iter: 200);

    [Fact]
    public void Open_HeaderOfAnySegmentChanged_Refuses()
    {
        for (var at = 0; at < 32; at++)
        {
            for (var file = 0; file < 3; file++)
            {
                var disk = ThreeSegments();
                var path = Path.Combine(Commits.Folder, disk.List(Commits.Folder)[file]);
                var bytes = disk[path];
                bytes[at] ^= 0x10;
                disk[path] = bytes;
                Assert.Contains(path, Assert.Throws<RefusalException>(() => Commits.Open(disk)).Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    public void Open_SegmentCutIntoItsHeader_Refuses(int length)
    {
        var disk = ThreeSegments();
        var path = Path.Combine(Commits.Folder, disk.List(Commits.Folder)[2]);
        disk[path] = disk[path][..length];
        Assert.Throws<RefusalException>(() => Commits.Open(disk));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Open_SegmentMissingBeforeTheLast_Refuses(int file)
    {
        var disk = ThreeSegments();
        disk.Delete(Path.Combine(Commits.Folder, disk.List(Commits.Folder)[file]));
        Assert.Contains("missing", Assert.Throws<RefusalException>(() => Commits.Open(disk)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SegmentRenamed_Refuses()
    {
        var disk = ThreeSegments();
        disk.Rename(Path.Combine(Commits.Folder, disk.List(Commits.Folder)[1]), Path.Combine(Commits.Folder, "0000000000000009.log"));
        Assert.Contains("renamed", Assert.Throws<RefusalException>(() => Commits.Open(disk)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SegmentOfAnotherCopy_Refuses()
    {
        var (disk, other) = (ThreeSegments(), ThreeSegments());
        var path = Path.Combine(Commits.Folder, disk.List(Commits.Folder)[1]);
        var mixed = disk[path];
        other[path].AsSpan(32).CopyTo(mixed.AsSpan(32)); // same commits, same numbers, other file
        disk[path] = mixed;
        Assert.Throws<RefusalException>(() => Commits.Open(disk));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(6)]
    public void Open_RocksDbAheadOfTheLog_Refuses(ulong folded)
    {
        var disk = new ForgetfulDisk();
        using (var log = Commits.Open(disk)) Commits.Write(log, new Random(3), 5);
        Assert.Contains("RocksDB is ahead", Assert.Throws<RefusalException>(() => Commits.Open(disk, folded: folded)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LogGoneThoughFolded_Refuses() => Assert.Throws<RefusalException>(() => Commits.Open(new ForgetfulDisk(), folded: 3));

    [Fact]
    public void Open_LogBeginsBehindWhatRocksDbHolds_Refuses()
    {
        var disk = new ForgetfulDisk();
        using (var log = Commits.Open(disk, Commits.Small with { SegmentBytes = 1 }))
        {
            Commits.Write(log, new Random(3), 5);
            log.DeleteBefore(Commits.Number(4));
        }

        using (Commits.Open(disk, folded: 3)) Assert.Contains("missing", Assert.Throws<RefusalException>(() => Commits.Open(disk, folded: 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_DamageInWhatIsFolded_IsMetByTheReaderAndByVerify()
    {
        var disk = ThreeSegments();
        var path = Path.Combine(Commits.Folder, disk.List(Commits.Folder)[0]);
        var bytes = disk[path];
        bytes[100] ^= 1;
        disk[path] = bytes;
        using var log = Commits.Open(disk, folded: 2);
        Assert.Throws<RefusalException>(log.Verify);
        using var reader = log.Read(Commits.Number(1));
        Assert.Throws<RefusalException>(() => reader.TryRead(out _));
    }

    [Fact]
    public void Read_FileGoneSinceOpen_Refuses()
    {
        var disk = ThreeSegments();
        using var log = Commits.Open(disk);
        disk.Delete(Path.Combine(Commits.Folder, disk.List(Commits.Folder)[1]));
        Assert.Contains("missing", Assert.Throws<RefusalException>(log.Verify).Message, StringComparison.Ordinal);
    }

    private static ForgetfulDisk ThreeSegments()
    {
        var disk = new ForgetfulDisk();
        using var log = Commits.Open(disk, Commits.Small with { SegmentBytes = 1 });
        Commits.Write(log, new Random(3), 3);
        Assert.Equal(3, log.Segments.Count);
        return disk;
    }

    private static void Flip(ForgetfulDisk disk, long at, Random random)
    {
        foreach (var name in disk.List(Commits.Folder))
        {
            var path = Path.Combine(Commits.Folder, name);
            var bytes = disk[path];
            if (at < bytes.Length)
            {
                bytes[at] ^= (byte)random.Next(1, 256);
                disk[path] = bytes;
                return;
            }

            at -= bytes.Length;
        }
    }
}
