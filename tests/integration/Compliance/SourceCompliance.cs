using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Integration.Compliance;

/// <summary>What every source that can be read again has to do. Inherit it and say how it is written and opened, and what text stands in a row.</summary>
public abstract class SourceCompliance<TRow> : IAsyncLifetime
{
    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>How many partitions the source of this test has; rows of one keep their order.</summary>
    protected virtual int Partitions => 1;

    /// <summary>The source, ending at what is there.</summary>
    protected abstract ISource<TRow> Bounded { get; }

    /// <summary>The source, never ending; null where it always ends.</summary>
    protected abstract ISource<TRow>? Endless { get; }

    /// <summary>Writes rows; row <c>i</c> of all goes to partition <c>i</c> modulo <see cref="Partitions"/>.</summary>
    protected abstract Task AppendAsync(IReadOnlyList<string> rows);

    /// <summary>The text that was appended as this row.</summary>
    protected abstract string TextOf(TRow row);

    public abstract ValueTask InitializeAsync();

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Read_Bounded_GivesEachRowOnceInOrder()
    {
        await AppendAsync(Rows(0, 5000));
        var queue = await ReadToEndAsync(null);
        AssertRows(0, 5000, queue.Rows);
    }

    [Fact]
    public async Task Resume_AtAnyPosition_GivesTheRest()
    {
        await AppendAsync(Rows(0, 20_000));
        var whole = await ReadToEndAsync(null);
        foreach (var (position, rows) in whole.Positions.Where((_, i) => i % Math.Max(1, whole.Positions.Count / 4) == 0).Append(whole.Positions[^1]))
        {
            var rest = await ReadToEndAsync(position);
            AssertRows(0, 20_000, [.. whole.Rows.Take(rows), .. rest.Rows]);
        }
    }

    [Fact]
    public async Task Resume_AtTheEnd_GivesWhatCameSince()
    {
        await AppendAsync(Rows(0, 300));
        var first = await ReadToEndAsync(null);
        await AppendAsync(Rows(300, 200));
        var second = await ReadToEndAsync(first.Positions[^1].Position);
        AssertRows(300, 200, second.Rows);
        Assert.Empty((await ReadToEndAsync(second.Positions[^1].Position)).Rows);
    }

    [Fact]
    public async Task Read_FullQueue_Waits()
    {
        await AppendAsync(Rows(0, 50_000));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var queue = new TestQueue<TRow> { SlicesMax = 2 };
        await using var reader = Open(Bounded, queue, null, stop.Token, out var running);
        await queue.HasAsync(1, running);
        await stop.CancelAsync();
        await EndsAsync(running);
        Assert.True(queue.Positions.Count <= 2 && queue.Rows.Count < 50_000, $"{queue.Rows.Count} rows in {queue.Positions.Count} slices");
        AssertRows(0, 50_000, [.. queue.Rows, .. (await ReadToEndAsync(queue.Positions[^1].Position)).Rows]);
    }

    [Fact]
    public async Task Read_Endless_GivesWhatComesLaterAndStops()
    {
        Assert.SkipWhen(Endless is null, "This source always ends.");
        await AppendAsync(Rows(0, 10));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var queue = new TestQueue<TRow>();
        await using var reader = Open(Endless!, queue, null, stop.Token, out var running);
        await queue.HasAsync(10, running);
        await AppendAsync(Rows(10, 10));
        await queue.HasAsync(20, running);
        await stop.CancelAsync();
        await EndsAsync(running);
        AssertRows(0, 20, queue.Rows);
    }

    [Fact]
    public async Task Read_Again_ComesByItsStops()
    {
        Assert.SkipUnless(Bounded.Origin is IKeptOrigin, "This source doesn't keep its input.");
        await AppendAsync(Rows(0, 3000));
        var whole = await ReadToEndAsync(null);
        await AppendAsync(Rows(3000, 500));
        var (first, last, begin) = (whole.Positions[whole.Positions.Count / 2], whole.Positions[^1], whole.Positions[0]);
        foreach (var (from, rows) in new[] { ((Position?)null, 0), (begin.Position, begin.Rows) })
        {
            Assert.Null(((IKeptOrigin)Bounded.Origin).WhyNotAgain(from, last.Position));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var queue = new TestQueue<TRow> { EndsAt = last.Position };
            await using (Open(Endless ?? Bounded, queue, from, stop.Token, out var running, first.Position, last.Position))
            {
                await queue.IsAtEndAsync(running);
                await stop.CancelAsync();
                await EndsAsync(running);
            }

            AssertRows(0, 3000, [.. whole.Rows.Take(rows), .. queue.Rows]);
            Assert.Contains((first.Position, first.Rows - rows), queue.Positions);
            Assert.Equal(whole.Rows.Take(first.Rows).Select(TextOf).Order(), whole.Rows.Take(rows).Concat(queue.Rows.Take(first.Rows - rows)).Select(TextOf).Order());

            // And on from there.
            var further = new TestQueue<TRow>();
            await using var reader = Open(Bounded, further, from, Stop, out var goingOn, first.Position, last.Position);
            await goingOn;
            AssertRows(0, 3500, [.. whole.Rows.Take(rows), .. further.Rows]);
            Assert.Contains((last.Position, last.Rows - rows), further.Positions);
        }
    }

    /// <summary>Reads the bounded source to its end.</summary>
    protected async Task<ReadRows<TRow>> ReadToEndAsync(Position? resume, ISource<TRow>? source = null)
    {
        var queue = new TestQueue<TRow>();
        await using var reader = Open(source ?? Bounded, queue, resume, Stop, out var running);
        await running;
        return new ReadRows<TRow>(queue.Rows, queue.Positions);
    }

    /// <summary>Opens a source and begins to read.</summary>
    private protected static ISourceReader Open(ISource<TRow> source, TestQueue<TRow> queue, Position? resume, CancellationToken stop, out Task running, params Position[] stops)
    {
        var reader = source.Origin.Open([source]);
        running = reader.RunAsync(new SourceContext { Resume = resume, Stops = stops, Input = queue, PipelineName = "compliance", Logger = NullLogger.Instance }, stop);
        return reader;
    }

    /// <summary>Waits for the end of a reader that was asked to stop.</summary>
    internal static async Task EndsAsync(Task running)
    {
        try
        {
            await running.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (OperationCanceledException)
        {
            // one of the two ways to end
        }
    }

    private static List<string> Rows(int from, int count) => [.. Enumerable.Range(from, count).Select(i => $"row {i}")];

    private void AssertRows(int from, int count, IReadOnlyList<TRow> read)
    {
        var numbers = read.Select(r => int.Parse(TextOf(r).AsSpan(4), System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(Enumerable.Range(from, count), numbers.Order());
        for (var partition = 0; partition < Partitions; partition++)
        {
            var own = numbers.Where(n => n % Partitions == partition).ToList();
            Assert.Equal(own.Order(), own);
        }
    }
}

/// <summary>What was read, and the positions on the way, each with the number of rows before it.</summary>
public sealed record ReadRows<TRow>(IReadOnlyList<TRow> Rows, IReadOnlyList<(Position Position, int Rows)> Positions);
