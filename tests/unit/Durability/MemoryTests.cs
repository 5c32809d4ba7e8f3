using Pathway.Connectors;
using Pathway.Core;
using Pathway.Tests.Unit.Storage;

namespace Pathway.Tests.Unit.Durability;

/// <summary>Pipelines that have next to no memory: what the state's caches may hold is full after a few hundred entries, so that commits, checkpoints and the engine wait for one another all the time.</summary>
[Trait("suite", "unit")]
public sealed class MemoryTests
{
    private const long Memory = 1 << 20;
    private const int Sales = 20_000, Shops = 6_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    public async Task Run_StateLargerThanMemory_EqualsTheOracle(int workers, int seed)
    {
        var sales = Enumerable.Range(0, Sales).Select(n => SaleOf(n, seed)).ToList();

        var totals = await Small(workers, seed).GroupBy(s => s.Shop).Select(g => new Total(g.Key, g.Count(), g.Sum(s => s.Amount))).CollectAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(sales.GroupBy(s => s.Shop).Select(g => new Total(g.Key, g.Count(), g.Sum(s => s.Amount))).OrderBy(t => t.Shop), totals);

        var table = Small(workers, seed);
        var least = await (
            from sale in table
            join total in table.GroupBy(s => s.Shop).Select(g => new Total(g.Key, g.Count(), g.Sum(s => s.Amount))) on sale.Shop equals total.Shop
            group sale.Amount - total.Sum by sale.Amount into g
            select new Total((int)g.Key, g.CountDistinct(value => value), g.Min(value => value))).CollectAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        var sums = totals.ToDictionary(t => t.Shop, t => t.Sum);
        Assert.Equal(sales.GroupBy(s => s.Amount).Select(g => new Total((int)g.Key, g.Select(s => s.Amount - sums[s.Shop]).Distinct().Count(), g.Min(s => s.Amount - sums[s.Shop]))).OrderBy(t => t.Shop), least);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Run_TransactionLargerThanMemory_LeavesMemoryAndCountsAsAWhole(int workers)
    {
        using var folder = new TemporaryFolder();
        var spill = Path.Combine(folder.Path, "spill");
        // The last part comes when what the others changed has left memory.
        var spilled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(folder.Path, "spill") { NotifyFilter = NotifyFilters.DirectoryName, EnableRaisingEvents = true };
        watcher.Created += (_, _) => spilled.TrySetResult();
        var source = new OneTransaction(Slices: 60, RowsOfSlice: 1000, spilled.Task);
        var pipeline = Pipeline.Create("memory", options => options with { MemoryBytes = Memory, StateDirectory = folder.Path, Workers = workers });
        var numbers = pipeline.Table(source);
        var counts = numbers.GroupBy(n => n % Shops).Select(g => new Total(g.Key, g.Count(), g.Sum(n => (long)n)));
        var others = from n in numbers join c in counts on n equals c.Shop select new Total(n, c.Count, c.Sum);

        var totals = new Dictionary<Total, long>();
        counts.Rows().Concat(others).To(Subscriber.SinkOf<Total>("collected", (changes, _) =>
        {
            foreach (var change in changes) totals[change.Row] = totals.GetValueOrDefault(change.Row) + change.Weight;
            return ValueTask.CompletedTask;
        }));
        await pipeline.RunAsync(stop: TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);

        var expected = Enumerable.Range(0, 60_000).GroupBy(n => n % Shops).Select(g => new Total(g.Key, g.Count(), g.Sum(n => (long)n))).ToList();
        Assert.Equal(expected.ToDictionary(t => t, _ => 2L), totals.Where(t => t.Value != 0).ToDictionary());
        Assert.False(Directory.Exists(spill));
    }

    private static Table<Sale> Small(int workers, int seed) => Pipeline.Create("memory", options => options with { MemoryBytes = Memory, Workers = workers })
        .Table(Generators.Rows("sales", $"seed {seed}", n => SaleOf(n, seed), new GeneratorOptions { Rows = Sales }));

    private static Sale SaleOf(long n, int seed)
    {
        var random = new Random(unchecked((seed * 1_000_003) + (int)n));
        return new Sale(random.Next(Shops), random.Next(1, 500));
    }

    internal sealed record Sale(int Shop, long Amount);

    internal readonly record struct Total(int Shop, long Count, long Sum);

    /// <summary>Numbers from 0 on, all of them in one transaction that comes in parts.</summary>
    private sealed record OneTransaction(int Slices, int RowsOfSlice, Task LastIsDue) : ISource<int>, ISourceOrigin, ISourceReader
    {
        public string Name => "numbers";

        public ISourceOrigin Origin => this;

        public string Partition => "numbers";

        public string Description => "numbers in one transaction";

        public ISourceReader Open(IReadOnlyList<ISource> sources) => this;

        public async Task RunAsync(SourceContext context, CancellationToken stop)
        {
            for (var slice = 0; slice < Slices; slice++)
            {
                if (slice == Slices - 1) await LastIsDue.WaitAsync(stop);
                var rows = new RowBuffer<int>();
                for (var row = 0; row < RowsOfSlice; row++) rows.Add((slice * RowsOfSlice) + row);
                await context.Input.WriteAsync(new InputSlice { Position = new Position("1"), EndsTransaction = slice == Slices - 1, Rows = [(0, rows)], Bytes = RowsOfSlice * sizeof(int) }, stop);
            }
        }

        public void Acknowledge(Position position)
        {
            // It forgets nothing.
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
