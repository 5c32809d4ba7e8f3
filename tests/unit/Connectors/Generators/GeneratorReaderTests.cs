using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Unit.Connectors;

[Trait("suite", "unit")]
public sealed class GeneratorReaderTests
{
    private static readonly ShopGenerator Small = new() { Customers = 50, Window = 300 };

    [Fact]
    public async Task RunAsync_StoppedAnywhereAndResumed_ReadsWhatOneRunReads()
    {
        var whole = await ReadAsync(new GeneratorOptions { Rows = 20_000 }, null);
        var first = await ReadAsync(new GeneratorOptions { Rows = 777 }, null);
        var second = await ReadAsync(new GeneratorOptions { Rows = 20_000 }, first.Position);
        foreach (var table in (int[])[0, 1]) Assert.Equal(whole.Rows[table], [.. first.Rows[table], .. second.Rows[table]]);
        Assert.Equal(whole.Position, second.Position);
        Assert.InRange(GeneratorPosition.Parse(whole.Position!.Value).Rows, 20_000, 20_200);
        Assert.Equal(whole.Rows.Sum(t => t.Count), GeneratorPosition.Parse(whole.Position!.Value).Rows);
    }

    [Fact]
    public async Task RunAsync_EnoughRowsAlready_EndsAtOnce()
    {
        var first = await ReadAsync(new GeneratorOptions { Rows = 777 }, null);
        Assert.All((await ReadAsync(new GeneratorOptions { Rows = 777 }, first.Position)).Rows, Assert.Empty);
    }

    [Fact]
    public async Task RunAsync_PositionOfAnotherShop_IsRefused()
    {
        var position = new GeneratorPosition(5, 50, (Small with { Seed = 9 }).Settings).ToPosition();
        var refused = await Assert.ThrowsAsync<RefusalException>(() => ReadAsync(new GeneratorOptions { Rows = 100 }, position));
        Assert.Contains("seed 9, 50 customers, window 300", refused.Message);
        await Assert.ThrowsAsync<RefusalException>(() => ReadAsync(new GeneratorOptions(), new Position("0/1D6B1E0")));
    }

    [Fact]
    public async Task RunAsync_OrdersAlone_AreItsOnlyInput()
    {
        var tables = Generators.Shop(Small, new GeneratorOptions { Rows = 1_000 });
        var queue = new Queue(int.MaxValue);
        await RunAsync(tables.Orders.Origin.Open([tables.Orders]), queue, null, TimeProvider.System);
        Assert.All(queue.Slices.SelectMany(s => s.Rows), rows => Assert.True(rows is (0, RowBuffer<Upsert<int, ShopOrder>>)));
    }

    [Fact]
    public void Origin_OfBothTables_IsTheSame()
    {
        var tables = Generators.Shop(Small with { }, new GeneratorOptions { Rate = 5 });
        Assert.Equal(tables.Orders.Origin, tables.Customers.Origin);
        Assert.Equal(tables.Orders, Generators.Shop(Small with { }, new GeneratorOptions { Rate = 5 }).Orders);
        Assert.Equal("generator:shop", tables.Orders.Origin.Partition);
    }

    [Fact]
    public async Task WaitAsync_ARate_IsKeptByWaiting()
    {
        var time = new FakeTimeProvider();
        var pacer = new Pacer(1_000, time);
        var wait = pacer.WaitAsync(500, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(wait.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await wait;
        Assert.False(pacer.WaitAsync(1, TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public void WaitAsync_AfterAPause_MakesUpForASecondAtMost()
    {
        var time = new FakeTimeProvider();
        var pacer = new Pacer(1_000, time);
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(pacer.WaitAsync(10, TestContext.Current.CancellationToken).IsCompleted);
        Assert.False(pacer.WaitAsync(10, TestContext.Current.CancellationToken).IsCompleted);
    }

    private static async Task<(List<string>[] Rows, Position? Position)> ReadAsync(GeneratorOptions options, Position? resume)
    {
        var tables = Generators.Shop(Small, options);
        var queue = new Queue(int.MaxValue);
        await RunAsync(tables.Orders.Origin.Open([tables.Customers, tables.Orders]), queue, resume, TimeProvider.System);
        return (queue.Text(), queue.Slices.Count > 0 ? queue.Slices[^1].Position : resume);
    }

    private static async Task RunAsync(ISourceReader reader, Queue queue, Position? resume, TimeProvider time)
    {
        await using (reader)
        {
            await reader.RunAsync(new SourceContext { Resume = resume, Input = queue, PipelineName = "test", Logger = NullLogger.Instance, Time = time }, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Queue(int most) : IInputQueue
    {
        public List<InputSlice> Slices { get; } = [];

        public ValueTask WriteAsync(InputSlice slice, CancellationToken cancellationToken)
        {
            Assert.True(Slices.Count < most);
            Slices.Add(slice);
            return ValueTask.CompletedTask;
        }

        public Task CommitAsync(Position position, CancellationToken cancellationToken) => Task.CompletedTask;

        // The rows of one transaction stand in two buffers; their order within the table is what must stay.
        public List<string>[] Text() => [[.. All<ShopCustomer>(0)], [.. All<ShopOrder>(1)]];

        private IEnumerable<string> All<TRow>(int input) => Slices.SelectMany(s => s.Rows).Where(r => r.Input == input)
            .SelectMany(r => ((RowBuffer<Upsert<int, TRow>>)r.Rows).Rows.ToArray()).Select(u => u.IsDelete ? $"-{u.Key}" : $"+{u.Row}");
    }
}
