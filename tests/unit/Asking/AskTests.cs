using Pathway.Core;
using Pathway.Testing;
using Pathway.Tests.Unit.Storage;

namespace Pathway.Tests.Unit.Asking;

/// <summary>Answers from outside are later input; they belong to their row for as long as it is there.</summary>
public sealed class AskTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SelectAsync_RowGoes_TakesBackWhatItGaveAndAsksNoMore()
    {
        var calls = 0;
        using var test = new TestPipeline();
        var input = test.Rows<string>("a");
        var output = test.Collect(input.Table.SelectAsync((row, _) => ValueTask.FromResult(Interlocked.Increment(ref calls)), (row, answer) => (row, answer)));
        input.Push("x", 2);
        test.CloseEpoch();
        await test.SettleAsync(Stop);
        Assert.Equal([("x", 1), ("x", 1)], output.Rows);
        test.Commit();
        test.Restart();
        input.Push("x", -1);
        test.CloseEpoch();
        Assert.Equal([new Delta<(string, int)>(("x", 1), -1)], output.Changes);
        input.Push("x", -1);
        test.CloseEpoch();
        Assert.Empty(output.Rows);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task SelectAsync_RowGoesBeforeItsAnswer_WasNeverThere()
    {
        var answer = new TaskCompletionSource<int>();
        using var test = new TestPipeline();
        var input = test.Rows<string>("a");
        var output = test.Collect(input.Table.SelectAsync((row, stop) => new ValueTask<int>(answer.Task.WaitAsync(stop)), (row, value) => (row, value), row => (row, -1)));
        input.Push("x");
        test.CloseEpoch();
        Assert.Equal([("x", -1)], output.Rows);
        input.Push("x", -1);
        test.CloseEpoch();
        answer.SetResult(5);
        await test.SettleAsync(Stop);
        Assert.Empty(output.Rows);
    }

    [Fact]
    public async Task SelectAsync_RestartWithoutAnswer_AsksAgain()
    {
        var (calls, first) = (0, new TaskCompletionSource<int>());
        using var test = new TestPipeline();
        var input = test.Rows<string>("a");
        var output = test.Collect(input.Table.SelectAsync((row, stop) => Interlocked.Increment(ref calls) == 1 ? new ValueTask<int>(first.Task.WaitAsync(stop)) : ValueTask.FromResult(7), (row, value) => (row, value)));
        input.Push("x");
        test.CloseEpoch();
        test.Commit();
        test.Restart();
        await test.SettleAsync(Stop);
        Assert.Equal([("x", 7)], output.Rows);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task SelectAsync_QuestionFailsTwice_IsRepeated()
    {
        var calls = 0;
        using var test = new TestPipeline();
        var input = test.Rows<int>("a");
        var output = test.Collect(input.Table.SelectAsync(
            (row, _) => Interlocked.Increment(ref calls) < 3 ? throw new IOException("away") : ValueTask.FromResult(row * 2), (row, answer) => answer, options: o => o with { RetryDelay = TimeSpan.FromMilliseconds(1) }));
        input.Push(4);
        test.CloseEpoch();
        await test.SettleAsync(Stop);
        Assert.Equal([8], output.Rows);
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task SelectAsync_QuestionFails_StopsOrBecomesAnErrorOfItsRow()
    {
        using var stopping = new TestPipeline();
        var a = stopping.Rows<int>("a");
        stopping.Collect(a.Table.SelectAsync<int, int, int>((row, _) => throw new IOException("away"), (row, answer) => answer, options: o => o with { Retries = 0 }));
        a.Push(4);
        stopping.CloseEpoch();
        Assert.Contains("away", (await Assert.ThrowsAsync<BadDataException>(() => stopping.SettleAsync(Stop))).Message);

        using var going = new TestPipeline(onError: ErrorPolicy.Continue);
        var b = going.Rows<int>("b");
        var output = going.Collect(b.Table.SelectAsync<int, int, int>((row, _) => row == 4 ? throw new IOException("away") : ValueTask.FromResult(row), (row, answer) => answer, options: o => o with { Retries = 0 }));
        var errors = going.Collect(going.Errors);
        b.Push(4);
        b.Push(5);
        going.CloseEpoch();
        await going.SettleAsync(Stop);
        Assert.Equal([5], output.Rows);
        Assert.Equal([("4", "away")], errors.Rows.Select(e => (e.Row, e.Message)));
        b.Push(4, -1);
        going.CloseEpoch();
        Assert.Empty(errors.Rows);
    }

    [Fact]
    public async Task TryAsync_QuestionTakesTooLong_KeepsItsRowWithTheMessage()
    {
        using var test = new TestPipeline();
        var input = test.Rows<int>("a");
        var output = test.Collect(input.Table.TryAsync(
            async (row, stop) =>
            {
                await Task.Delay(Timeout.Infinite, stop);
                return row;
            },
            (row, answer) => (row, answer.Succeeded), options: o => o with { Retries = 1, RetryDelay = TimeSpan.Zero, Timeout = TimeSpan.FromMilliseconds(20) }));
        input.Push(1);
        test.CloseEpoch();
        await test.SettleAsync(Stop);
        Assert.Equal([(1, false)], output.Rows);
    }

    [Fact]
    public async Task SelectAsync_ManyRows_AsksNoMoreAtATimeThanTheCapacity()
    {
        var (now, most) = (0, 0);
        using var test = new TestPipeline();
        var input = test.Rows<int>("a");
        var output = test.Collect(input.Table.SelectAsync(
            async (row, stop) =>
            {
                var asking = Interlocked.Increment(ref now);
                InterlockedMax(ref most, asking);
                await Task.Yield();
                Interlocked.Decrement(ref now);
                return row;
            },
            (row, answer) => answer, options: o => o with { Capacity = 3 }));
        for (var i = 0; i < 200; i++) input.Push(i);
        test.CloseEpoch();
        await test.SettleAsync(Stop);
        Assert.Equal(Enumerable.Range(0, 200), output.Rows.Order());
        Assert.InRange(most, 1, 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task SelectAsync_RunningPipeline_EndsWhenEverythingIsAnswered(int workers)
    {
        using var folder = new TemporaryFolder();
        var told = new List<string>();
        var pipeline = Pipeline.Create("asking", o => o with { StateDirectory = Path.Combine(folder.Path, "state"), Workers = workers });
        pipeline.FromMarkdown<int>("numbers", string.Join('\n', Enumerable.Range(0, 300).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)).Prepend("value")))
            .SelectAsync(
                async (row, stop) =>
                {
                    await Task.Yield();
                    return row * 2;
                },
                (row, answer) => answer, options: o => o with { OpenMax = 20 })
            .Aggregate(all => new { Rows = all.Count(), Sum = all.Sum(v => v) })
            .Subscribe("sums", change => told.Add($"{change.Weight} {change.Row}"));
        await pipeline.RunAsync(stop: Stop);
        Assert.Equal("1 { Rows = 300, Sum = 89700 }", told.Last(t => t.StartsWith('1')));
        Assert.Equal(0, pipeline.Status.OpenQuestions);
    }

    [Fact]
    public void Memoized_FunctionSaysSomethingElseLater_TakesBackWhatItSaid()
    {
        var calls = 0;
        using var test = new TestPipeline();
        var input = test.Rows<string>("a");
        var output = test.Collect(input.Table.Memoized(row => (row, ++calls)));
        input.Push("x");
        input.Push("y");
        test.CloseEpoch();
        test.Commit();
        test.Restart();
        input.Push("x", -1);
        test.CloseEpoch();
        Assert.Equal(["y"], output.Rows.Select(r => r.row));
        input.Push("x");
        test.CloseEpoch();
        Assert.Contains(("x", 3), output.Rows);
    }

    private static void InterlockedMax(ref int place, int value)
    {
        var seen = Volatile.Read(ref place);
        while (value > seen && Interlocked.CompareExchange(ref place, value, seen) is var found && found != seen) seen = found;
    }
}
