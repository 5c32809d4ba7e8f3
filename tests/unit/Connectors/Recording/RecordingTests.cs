using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pathway.Connectors;
using Pathway.Core;
using Sources = Pathway.Connectors.Files;
using Sessions = Pathway.Connectors.Recording;

namespace Pathway.Tests.Unit.Connectors.Recording;

/// <summary>What a source handed over is written down as it happens, and comes again from the file.</summary>
[Trait("suite", "unit")]
public sealed class RecordingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pathway-recording-").FullName;

    public sealed record CustomerOrders(int CustomerId, long Orders, decimal Amount);

    private string Session => Path.Combine(_folder, "session.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Replay_OfARecordedShop_GivesWhatTheShopGave()
    {
        var shop = Generators.Shop(options: new GeneratorOptions { Rows = 5000 });
        var recorded = await RunAsync("recorded", shop.Customers.RecordTo(Session), shop.Orders.RecordTo(Session));
        var replayed = await RunAsync("replayed", Sessions.Replay<Upsert<int, ShopCustomer>>(Session, "customers"), Sessions.Replay<Upsert<int, ShopOrder>>(Session, "orders"));
        var direct = await RunAsync("direct", shop.Customers, shop.Orders);
        Assert.NotEmpty(direct);
        Assert.Equal(direct, recorded);
        Assert.Equal(direct, replayed);
    }

    [Fact]
    public async Task Replay_ResumedAnywhere_GoesOn()
    {
        await ReadAsync(Generators.Range(5, new GeneratorOptions { Rows = 4500 }).RecordTo(Session));
        var replay = Sessions.Replay<long>(Session);
        var positions = new List<(Position Position, int Count)>();
        Assert.Equal(Enumerable.Range(5, 4500).Select(n => (long)n), await ReadAsync(replay, null, positions));
        foreach (var (position, count) in positions) Assert.Equal(Enumerable.Range(5 + count, 4500 - count).Select(n => (long)n), await ReadAsync(replay, position));
    }

    [Fact]
    public async Task RecordTo_RestartedBeforeTheEndOfTheRecording_HoldsEachRowOnce()
    {
        var positions = new List<(Position Position, int Count)>();
        await ReadAsync(Generators.Range(0, new GeneratorOptions { Rows = 3500 }).RecordTo(Session), null, positions);
        await ReadAsync(Generators.Range(0, new GeneratorOptions { Rows = 6000 }).RecordTo(Session), positions[1].Position);
        Assert.Equal(Enumerable.Range(0, 6000).Select(n => (long)n), await ReadAsync(Sessions.Replay<long>(Session)));
        await Assert.ThrowsAsync<RefusalException>(() => ReadAsync(Generators.Range(0, new GeneratorOptions { Rows = 10 }).RecordTo(Session)));
        var foreign = new GeneratorPosition(17, 17, "from 0").ToPosition();
        await Assert.ThrowsAsync<RefusalException>(() => ReadAsync(Generators.Range(0, new GeneratorOptions { Rows = 10 }).RecordTo(Session), foreign));
    }

    [Fact]
    public async Task Replay_OfOtherThings_IsRefused()
    {
        await ReadAsync(Generators.Range(0, new GeneratorOptions { Rows = 3 }).RecordTo(Session));
        Assert.Contains("range", (await Assert.ThrowsAsync<ConfigurationException>(() => ReadAsync(Sessions.Replay<long>(Session, "other")))).Message, StringComparison.Ordinal);
        Assert.Contains("Line 2", (await Assert.ThrowsAsync<BadDataException>(() => ReadAsync(Sessions.Replay<ShopOrder>(Session)))).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Session, "{\"a\":1}\n", TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<ConfigurationException>(() => ReadAsync(Sessions.Replay<long>(Session)));
    }

    [Fact]
    public async Task Replay_RowsWithATimeOfTheirOwn_ComeInItsPace()
    {
        var path = Path.Combine(_folder, "rides.csv");
        await File.WriteAllTextAsync(path, "at,name\n2024-01-01T00:00:00Z,a\n2024-01-01T00:00:00Z,b\n2024-01-01T01:00:00Z,c\n2024-01-01T00:30:00Z,late\n", TestContext.Current.CancellationToken);
        var source = Sources.Replay(path, FileForm.Csv<Ride>(), r => r.At, speed: 36_000); // an hour in a tenth of a second
        var (time, positions) = (new FakeTimeProvider(), new List<(Position, int Count)>());
        var (began, reading) = (time.GetUtcNow(), ReadAsync(source, null, positions, time));
        while (!reading.IsCompleted)
        {
            if (positions.Count == 2) Assert.True(time.GetUtcNow() - began >= TimeSpan.FromMilliseconds(100));
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.Equal(["a", "b", "c", "late"], (await reading).Select(r => r.Name));
        Assert.True(time.GetUtcNow() - began >= TimeSpan.FromMilliseconds(100));
        if (positions is [var first, _]) Assert.Equal(["c", "late"], (await ReadAsync(source, first.Item1)).Select(r => r.Name));
    }

    [Fact]
    public async Task Generators_SmallOnes_MakeTheSameAgain()
    {
        var line = await ReadAsync(Generators.NoisyLine(slope: 2, intercept: 1, noise: 0.5, options: new GeneratorOptions { Rows = 200 }));
        Assert.All(line, p => Assert.InRange(p.Y, (2 * p.X) + 0.5, (2 * p.X) + 1.5));
        Assert.True(line.Select(p => p.Y - (2 * p.X)).Distinct().Count() > 150);
        Assert.Equal(line, await ReadAsync(Generators.NoisyLine(slope: 2, intercept: 1, noise: 0.5, options: new GeneratorOptions { Rows = 200 })));
        Assert.Equal(["0!", "1!", "2!"], await ReadAsync(Generators.Rows("marks", "", n => $"{n}!", new GeneratorOptions { Rows = 3 })));
    }

    private async Task<IReadOnlyList<string>> RunAsync(string name, ISource<Upsert<int, ShopCustomer>> customers, ISource<Upsert<int, ShopOrder>> orders)
    {
        var (output, pipeline) = (Path.Combine(_folder, $"{name}-out", "orders.jsonl"), Pipeline.Create(name, options => options with { StateDirectory = Path.Combine(_folder, name) }));
        pipeline.Table(orders).Join(pipeline.Table(customers), o => o.CustomerId, c => c.Id, (o, c) => o).GroupBy(o => o.CustomerId)
            .Select(g => new CustomerOrders(g.Key, g.Count(), g.Sum(o => o.Amount))).To(Sources.KeyedSink<int, CustomerOrders>(output));
        await pipeline.RunAsync(stop: TestContext.Current.CancellationToken);
        var last = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in await File.ReadAllLinesAsync(output, TestContext.Current.CancellationToken))
            last[line[..line.IndexOf(',', StringComparison.Ordinal)]] = line;
        return [.. last.Values.Where(l => !l.EndsWith("\"row\":null}", StringComparison.Ordinal))];    // a key that came and went may never have been told of
    }

    private static async Task<List<TRow>> ReadAsync<TRow>(ISource<TRow> source, Position? resume = null, List<(Position, int)>? positions = null, TimeProvider? time = null)
    {
        var queue = new RowQueue<TRow>(positions);
        await using var reader = source.Origin.Open([source]);
        await reader.RunAsync(new SourceContext { Resume = resume, Input = queue, PipelineName = "test", Logger = NullLogger.Instance, Time = time ?? TimeProvider.System }, TestContext.Current.CancellationToken);
        return queue.Rows;
    }

    private sealed record Ride(DateTimeOffset At, string Name);

    private sealed class RowQueue<TRow>(List<(Position, int)>? positions) : IInputQueue
    {
        public List<TRow> Rows { get; } = [];

        public ValueTask WriteAsync(InputSlice slice, CancellationToken cancellationToken)
        {
            Rows.AddRange(((RowBuffer<TRow>)slice.Rows[0].Rows).Rows);
            positions?.Add((slice.Position, Rows.Count));
            return ValueTask.CompletedTask;
        }

        public Task CommitAsync(Position position, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
