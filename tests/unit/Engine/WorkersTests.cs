using CsCheck;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;
using Pathway.Testing;

namespace Pathway.Tests.Unit.Engine;

/// <summary>Several workers: which shards they own, keys that move between them, and what happens when one of them fails.</summary>
[Trait("suite", "unit")]
public sealed class WorkersTests
{
    private sealed record Named(int Id, string Name);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(256)]
    public void ShardRange_OfAllWorkers_HoldsEachShardOnce(int workers)
    {
        for (var shard = 0; shard < ShardRange.Count; shard++)
        {
            var owners = Enumerable.Range(0, workers).Where(w => ShardRange.Of(w, workers) is var range && shard >= range.First && shard < range.End);
            Assert.Equal([ShardRange.OwnerOf((byte)shard, workers)], owners);
        }
    }

    [Fact]
    public void Upserts_ThatMoveKeysAndClear_EqualADictionary() => Gen.Select(Gen.Int[0, 9], Gen.Int[0, 20], Gen.Int[0, 20]).List[1, 80].Sample(
        steps =>
        {
            using var test = new TestPipeline(workers: 1 + steps.Count % 4) { AlwaysOnThreads = steps.Count % 3 == 0 };
            var input = test.Table<int, Named>("rows");
            var output = test.Collect(input.Table.Select(r => r with { Name = r.Name + "!" }));
            var expected = new Dictionary<int, Named>();
            foreach (var (kind, key, other) in steps)
            {
                switch (kind)
                {
                    case < 4:
                        input.Put(key, expected[key] = new Named(key, $"{other}"));
                        break;
                    case < 7 when expected.Remove(key, out var row):
                        input.Move(key, other, r => r with { Id = other });
                        expected[other] = row with { Id = other };
                        break;
                    case 7:
                        input.Delete(key);
                        expected.Remove(key);
                        break;
                    case 8:
                        test.CloseEpoch();
                        Assert.Equal(expected.OrderBy(e => e.Key), output.Rows.OrderBy(r => r.Key).Select(r => KeyValuePair.Create(r.Key, r.Value with { Name = r.Value.Name[..^1] })));
                        if (other % 3 != 0) break;
                        test.Commit();
                        test.Restart(workers: 1 + other % 4);
                        break;
                    case 9 when other == 0:
                        input.Clear();
                        expected.Clear();
                        break;
                }
            }

            test.CloseEpoch();
            Assert.Equal(expected.Keys.Order(), output.Rows.Keys.Order());
        },
        threads: 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Step_FailsOnOneWorker_StopsAllAndNamesTheStep(bool onThreads)
    {
        using var test = new TestPipeline(workers: 4) { AlwaysOnThreads = onThreads };
        var rows = test.Rows<int>("rows");
        test.Collect(rows.Table.GroupBy(r => r % 100).Select(g => new Total(g.Key, g.Sum(r => r))).Select(t => new Total(t.Key, 100 / (t.Key - 57))).Named("shares"));
        for (var i = 0; i < 1000; i++) rows.Push(i);
        var failure = Assert.Throws<BadDataException>(test.CloseEpoch);
        Assert.StartsWith("Step 'shares' (Select ", failure.Message, StringComparison.Ordinal);
    }

    private sealed record Total(int Key, int Sum);

    [Fact]
    public void Team_OneThrows_OthersThatWaitForItAreStopped()
    {
        using var team = new WorkerTeam(3);
        var failure = Assert.Throws<InvalidOperationException>(() => team.Run(worker =>
        {
            if (worker == 2) throw new InvalidOperationException("worker 2");
            team.Meet();
        }));
        Assert.Equal("worker 2", failure.Message);
    }

    [Fact]
    public void Output_OfSeveralWorkers_KeepsDestinationsApart()
    {
        using var one = new OutputBuffer();
        using var other = new OutputBuffer();
        one.Add("a", [1], [10]);
        one.Add("b", [2], [20]);
        other.Add("c", [3], [30]);
        other.Add("a", [4], [], hasValue: false);
        one.Append(other);
        var rest = one.Bytes.Span;
        var found = new List<(string, byte, bool)>();
        while (!rest.IsEmpty)
        {
            var row = OutputBuffer.Read(ref rest, one.Destinations);
            found.Add((row.Destination, row.Key[0], row.HasValue));
        }

        Assert.Equal([("a", 1, true), ("b", 2, true), ("c", 3, true), ("a", 4, false)], found);
        Assert.Equal(4, one.Rows);
    }

    [Fact]
    public void ChangeSink_OfSeveralWorkers_GivesEachRowsChangeOnce()
    {
        using var test = new TestPipeline(workers: 4) { AlwaysOnThreads = true };
        var rows = test.Rows<int>("rows");
        var sink = new Counted();
        rows.Table.To(new ChangeSink<int>(new NoTarget(), sink, "counted"));
        for (var i = 0; i < 1000; i++) rows.Push(i % 10, i < 500 ? 1 : -1);    // each comes and goes, on different workers
        rows.Push(3, 2);
        test.CloseEpoch();
        Assert.Equal([(3, 2L)], sink.All.SelectMany(s => s.Changes));
    }

    private sealed class Counted : IChangeFormatter<int>
    {
        public Counted() => All = [this];

        private Counted(List<Counted> all) => All = all;

        public List<Counted> All { get; }

        public List<(int, long)> Changes { get; } = [];

        public void Format(in int row, long weight, Epoch time, OutputBuffer output) => Changes.Add((row, weight));

        public IChangeFormatter<int> ForAnotherWorker()
        {
            var another = new Counted(All);
            All.Add(another);
            return another;
        }
    }

    private sealed record NoTarget : ITargetFactory
    {
        public string Name => "none";

        public ITarget Open(TargetContext context) => throw new InvalidOperationException("Nothing is delivered.");
    }
}
