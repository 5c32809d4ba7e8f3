using CsCheck;
using Pathway.Checkpointing;
using Pathway.Storage;
using Pathway.Tests.Unit.Storage;

namespace Pathway.Tests.Unit.Checkpointing.Folding;

[Trait("suite", "unit")]
public sealed class FoldSorterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ForEach_AnyLimit_GivesTheLastChangeOfEachKeyInOrder() => Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, 3]).Sample(
        (seed, size) =>
        {
            int[] limits = [1, 500, 5_000, 64 << 20];
            var limit = limits[size];
            var random = new Random(seed);
            var changes = new Changes(random);
            var folder = Path.Combine(_folder.Path, Guid.NewGuid().ToString("N"));
            using (var sorter = new FoldSorter(folder, new FoldRun(limit)))
            {
                var keys = random.Next(1, 2000);
                for (var records = random.Next(1, 6); records > 0; records--) sorter.Add(changes.Next(random.Next(100), keys));
                AssertGives(sorter, changes);
            }

            if (Directory.Exists(folder)) Assert.Empty(Directory.GetFiles(folder));
        },
        iter: 100, threads: 1);

    /// <summary>More runs than are merged at once, on two levels.</summary>
    [Fact]
    public void ForEach_HundredsOfRuns_KeepsFewFilesOpen()
    {
        var changes = new Changes(new Random(5));
        using var sorter = new FoldSorter(_folder.Path, new FoldRun(1));
        for (var records = 0; records < 30; records++) sorter.Add(changes.Next(20, 300));
        Assert.InRange(Directory.GetFiles(_folder.Path).Length, 2, 48);
        AssertGives(sorter, changes);
    }

    private static void AssertGives(FoldSorter sorter, Changes changes)
    {
        using var expected = changes.Last.GetEnumerator();
        sorter.ForEach(change =>
        {
            Assert.True(expected.MoveNext());
            Assert.True(StateChanges.TryRead(ref change, out var key, out var value, out var isDelete));
            Assert.True(change.IsEmpty);
            Assert.Equal(expected.Current.Key, key.ToArray());
            Assert.Equal(expected.Current.Value, isDelete ? null : value.ToArray());
        });
        Assert.False(expected.MoveNext());
    }
}
