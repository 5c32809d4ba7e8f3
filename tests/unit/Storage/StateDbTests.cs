using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage;

[Trait("suite", "unit")]
public sealed class StateDbTests
{
    private static readonly byte[] Value = new byte[100];

    [Fact]
    public void Open_NewFolder_IsEmpty()
    {
        using var folder = new TemporaryFolder();
        using var db = StateDb.Open(folder.Path);
        Assert.Equal(CommitNumber.None, db.Checkpoint);
        Assert.Empty(Keys(db));
        Assert.Equal(0, db.LevelZeroFiles);
    }

    [Fact]
    public void Ingest_SeveralFiles_ShowsAllAndTheCheckpointAfterReopening()
    {
        using var folder = new TemporaryFolder();
        var options = new StateDbOptions { FileBytes = 10_000 };
        using (var db = StateDb.Open(folder.Path, options)) Fill(db, 1, 0, 1000);
        Assert.True(Directory.GetFiles(folder.Path, "*.sst").Length > 5);
        using var reopened = StateDb.Open(folder.Path, options);
        Assert.Equal(new CommitNumber(1), reopened.Checkpoint);
        Assert.Equal(1000, Keys(reopened).Count);
        Assert.True(reopened.SizeBytes > 0);
        reopened.VerifyAllBlocks();
        var buffer = Array.Empty<byte>();
        Assert.True(reopened.TryGet(Key(17), ref buffer, out var length));
        Assert.Equal(100, length);
        Assert.False(reopened.TryGet([0, 0, 0, 1, 5], ref buffer, out _));
    }

    [Fact]
    public void Ingest_OverOlderEntries_ReplacesAndDeletes()
    {
        using var folder = new TemporaryFolder();
        using var db = StateDb.Open(folder.Path);
        Fill(db, 1, 0, 10);
        using (var writer = db.BeginCheckpoint(new CommitNumber(2)))
        {
            writer.Delete(Key(3));
            writer.Put(Key(4), [7]);
            Assert.Equal(2, writer.Entries);
            writer.Ingest();
        }

        var buffer = Array.Empty<byte>();
        Assert.False(db.TryGet(Key(3), ref buffer, out _));
        Assert.True(db.TryGet(Key(4), ref buffer, out var length));
        Assert.Equal([7], buffer.AsSpan(0, length).ToArray());
        Assert.Equal(new CommitNumber(2), db.Checkpoint);
    }

    [Fact]
    public void Dispose_WithoutIngest_LeavesNoTrace()
    {
        using var folder = new TemporaryFolder();
        using var db = StateDb.Open(folder.Path);
        using (var writer = db.BeginCheckpoint(new CommitNumber(1))) writer.Put(Key(1), Value);
        Assert.Empty(Keys(db));
        Assert.Equal(CommitNumber.None, db.Checkpoint);
        Assert.Empty(Directory.GetFiles(Path.Combine(folder.Path, "incoming")));
    }

    [Fact]
    public void Open_AfterACrashBeforeIngestion_DeletesTheFiles()
    {
        using var folder = new TemporaryFolder();
        var incoming = Path.Combine(folder.Path, "incoming");
        using (StateDb.Open(folder.Path)) Directory.CreateDirectory(incoming);
        File.WriteAllText(Path.Combine(incoming, "0000000000000003-0000.sst"), "half a file");
        using var db = StateDb.Open(folder.Path);
        Assert.False(Directory.Exists(incoming));
        Assert.Equal(CommitNumber.None, db.Checkpoint);
    }

    [Fact]
    public void Ingest_OneFileDamaged_TakesNoneOfThem()
    {
        using var folder = new TemporaryFolder();
        using var db = StateDb.Open(folder.Path, new StateDbOptions { FileBytes = 10_000 });
        Fill(db, 1, 0, 10);
        using (var writer = db.BeginCheckpoint(new CommitNumber(2)))
        {
            for (var i = 0; i < 1000; i++) writer.Put(Key(i), Value);
            var file = Directory.GetFiles(Path.Combine(folder.Path, "incoming")).Order().Skip(1).First();
            File.WriteAllBytes(file, []);
            Assert.ThrowsAny<PathwayException>(writer.Ingest);
        }

        Assert.Equal(new CommitNumber(1), db.Checkpoint);
        Assert.Equal(10, Keys(db).Count);
    }

    [Fact]
    public void Put_KeysOutOfOrder_IsABug()
    {
        using var folder = new TemporaryFolder();
        using var db = StateDb.Open(folder.Path);
        using var writer = db.BeginCheckpoint(new CommitNumber(1));
        writer.Put(Key(5), Value);
        Assert.Throws<InvariantException>(() => writer.Put(Key(5), Value));
        Assert.Throws<InvariantException>(() => writer.Delete(Key(4)));
    }

    [Fact]
    public void TryGet_DamagedBlock_IsRefusedWithTheFile()
    {
        using var folder = new TemporaryFolder();
        var file = Damaged(folder.Path);
        using var db = StateDb.Open(folder.Path);
        var buffer = Array.Empty<byte>();
        var refusals = Enumerable.Range(0, 1000).Count(i =>
        {
            try
            {
                return !db.TryGet(Key(i), ref buffer, out _);
            }
            catch (RefusalException e)
            {
                Assert.Contains(Path.GetFileName(file), e.Message);
                return true;
            }
        });
        Assert.InRange(refusals, 1, 999);
    }

    [Fact]
    public void Scan_DamagedBlock_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var file = Damaged(folder.Path);
        using var db = StateDb.Open(folder.Path);
        Assert.Contains(Path.GetFileName(file), Assert.Throws<RefusalException>(() => Keys(db)).Message);
    }

    [Fact]
    public void VerifyAllBlocks_DamagedBlock_IsRefusedWithTheFile()
    {
        using var folder = new TemporaryFolder();
        var file = Damaged(folder.Path);
        using var db = StateDb.Open(folder.Path);
        Assert.Contains(Path.GetFileName(file), Assert.Throws<RefusalException>(db.VerifyAllBlocks).Message);
    }

    [Fact]
    public void Open_FileMissing_IsRefusedWithTheFile()
    {
        using var folder = new TemporaryFolder();
        using (var db = StateDb.Open(folder.Path)) Fill(db, 1, 0, 1000);
        var file = Directory.GetFiles(folder.Path, "*.sst").Single();
        File.Delete(file);
        var refusal = Assert.Throws<RefusalException>(() => StateDb.Open(folder.Path));
        Assert.Contains(Path.GetFileName(file), refusal.Message);
        Assert.Contains("snapshot", refusal.Remedy);
    }

    [Fact]
    public void Open_FileTruncated_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using (var db = StateDb.Open(folder.Path)) Fill(db, 1, 0, 1000);
        using (var file = File.OpenWrite(Directory.GetFiles(folder.Path, "*.sst").Single())) file.SetLength(file.Length / 2);
        Assert.Throws<RefusalException>(() => StateDb.Open(folder.Path));
    }

    [Fact]
    public void Open_IndexMissing_IsRefusedRatherThanBegunAnew()
    {
        using var folder = new TemporaryFolder();
        using (var db = StateDb.Open(folder.Path)) Fill(db, 1, 0, 10);
        File.Delete(Path.Combine(folder.Path, "CURRENT"));
        foreach (var manifest in Directory.GetFiles(folder.Path, "MANIFEST-*")) File.Delete(manifest);
        Assert.Throws<RefusalException>(() => StateDb.Open(folder.Path));
    }

    [Fact]
    public async Task Scan_WhileCheckpointsAreIngested_SeesWholeCheckpoints()
    {
        using var folder = new TemporaryFolder();
        using var db = StateDb.Open(folder.Path, new StateDbOptions { FileBytes = 2_000 });
        Fill(db, 1, 0, 100);
        var done = false;
        var reader = Task.Run(() =>
        {
            // A scan works on one version: all values of a checkpoint or none.
            while (!Volatile.Read(ref done))
            {
                var values = new HashSet<byte>();
                db.Scan([0, 0, 0, 1], (_, value) => values.Add(value[0]) || true);
                Assert.Single(values);
            }
        }, TestContext.Current.CancellationToken);
        for (byte commit = 2; commit < 20; commit++)
        {
            using var writer = db.BeginCheckpoint(new CommitNumber(commit));
            for (var i = 0; i < 100; i++) writer.Put(Key(i), Enumerable.Repeat(commit, 100).ToArray());
            writer.Ingest();
        }

        Volatile.Write(ref done, true);
        await reader;
    }

    private static string Damaged(string folder)
    {
        using (var db = StateDb.Open(folder)) Fill(db, 1, 0, 1000);
        var file = Directory.GetFiles(folder, "*.sst").Single();
        using var stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = 4500;    // the second of the data blocks
        var there = stream.ReadByte();
        stream.Position = 4500;
        stream.WriteByte((byte)(there ^ 1));
        return file;
    }

    private static void Fill(StateDb db, ulong commit, int from, int to)
    {
        using var writer = db.BeginCheckpoint(new CommitNumber(commit));
        for (var i = from; i < to; i++) writer.Put(Key(i), Random(i));
        writer.Ingest();
    }

    private static byte[] Random(int seed)
    {
        var bytes = new byte[100];
        new Random(seed).NextBytes(bytes);
        bytes[0] = 1;
        return bytes;
    }

    private static byte[] Key(int number) => [0, 0, 0, 1, 0, (byte)(number >> 8), (byte)number];

    private static List<byte[]> Keys(StateDb db)
    {
        var keys = new List<byte[]>();
        db.Scan([0, 0, 0, 1], (key, _) =>
        {
            keys.Add(key.ToArray());
            return true;
        });
        return keys;
    }
}
