using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage.Logs;

[Trait("suite", "unit")]
public sealed class CommitReaderTests
{
    private readonly ForgetfulDisk _disk = new();

    [Fact]
    public void TryRead_WhileTheWriterGoesOn_SeesDurableCommitsOnly()
    {
        using var log = Commits.Open(_disk);
        using var reader = log.Read(Commits.Number(1));
        for (ulong commit = 1; commit < 30; commit++)
        {
            var records = Commits.Records(new Random((int)commit));
            Assert.False(reader.TryRead(out _));
            Commits.Append(log, records);
            Assert.False(reader.TryRead(out _));
            log.Close(Commits.Number(commit), "close"u8);
            Assert.False(reader.TryRead(out _));
            log.Sync();
            Commits.AssertNext(reader, Commits.Number(commit), records);
        }
    }

    [Fact]
    public void Read_FromAnyCommit_BeginsThere()
    {
        using (var log = Commits.Open(_disk)) Commits.Write(log, new Random(1), 9);
        List<byte[][]> written;
        using (var log = Commits.Open(_disk)) written = [.. Commits.Write(log, new Random(2), 9)];
        using var opened = Commits.Open(_disk);
        for (var commit = 10; commit <= 18; commit++)
        {
            using var reader = opened.Read(Commits.Number((ulong)commit));
            Commits.AssertNext(reader, Commits.Number((ulong)commit), written[commit - 10]);
        }
    }

    [Fact]
    public void TryRead_RepeatedRecords_AllocatesNothing()
    {
        using var log = Commits.Open(_disk, Commits.OneSegment);
        for (var i = 0; i < 2000; i++) log.Append(RecordKind.State, "h"u8, "payload"u8);
        log.Close(Commits.Number(1), default);
        log.Sync();
        using var reader = log.Read(Commits.Number(1));
        for (var i = 0; i < 1000; i++) reader.TryRead(out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 900; i++) reader.TryRead(out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>On a real disk, on threads of their own: one writes, one follows, one deletes behind it.</summary>
    [Fact]
    public async Task TryRead_FollowingOnAnotherThread_SeesEveryCommitInOrder()
    {
        const ulong Last = 300;
        using var folder = new TemporaryFolder();
        using var log = CommitLog.Open(new LocalDisk(), Path.Combine(folder.Path, "a", "log"), CommitNumber.None, new CommitLogOptions { SegmentBytes = 50_000, ReserveBytes = 0 });
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(2));
        ulong read = 0;
        var following = Task.Run(() =>
        {
            using var reader = log.Read(Commits.Number(1));
            for (ulong commit = 1; commit <= Last; commit++)
            {
                while (log.Durable.Value < commit) deadline.Token.ThrowIfCancellationRequested();
                Commits.AssertNext(reader, Commits.Number(commit), Commits.Records(new Random((int)commit)));
                Volatile.Write(ref read, commit);
            }
        }, deadline.Token);
        var deleting = Task.Run(() =>
        {
            while (Volatile.Read(ref read) < Last && !following.IsCompleted)
            {
                deadline.Token.ThrowIfCancellationRequested();
                log.DeleteBefore(Commits.Number(Volatile.Read(ref read)));
            }
        }, deadline.Token);
        for (ulong commit = 1; commit <= Last; commit++)
        {
            Commits.Append(log, Commits.Records(new Random((int)commit)));
            log.Close(Commits.Number(commit), "close"u8);
            log.Sync();
        }

        await following;
        await deleting;
        log.Verify();
        Assert.Equal(log.Segments.Count, Directory.GetFiles(Path.Combine(folder.Path, "a", "log")).Length);
    }
}
