using Pathway.Connectors;
using Pathway.Core;
using Sources = Pathway.Connectors.Files;

namespace Pathway.Tests.Unit.Durability;

/// <summary>While a transaction of one source is open, whatever others bring makes no commit (I5): it would hold half of that transaction.</summary>
[Trait("suite", "unit")]
public sealed class OpenTransactionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pathway-open-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Commit_OfAnotherSource_WaitsForTheEndOfAnOpenTransaction()
    {
        var (partWasRead, otherIsDurable) = (new TaskCompletionSource(), new TaskCompletionSource());
        var committedInside = false;
        var large = new Scripted("large", async (input, stop) =>
        {
            await input.WriteAsync(Slice("large", 1, ends: false), stop);
            partWasRead.SetResult();
            await Task.WhenAny(otherIsDurable.Task, Task.Delay(TimeSpan.FromMilliseconds(300), stop));
            committedInside = otherIsDurable.Task.IsCompleted;
            await input.WriteAsync(Slice("large", 2, ends: true), stop);
        });
        var other = new Scripted("other", async (input, stop) =>
        {
            await partWasRead.Task.WaitAsync(stop);
            await input.WriteAsync(Slice("other", 1, ends: true), stop);
            await input.CommitAsync(new Position("2"), stop);
            otherIsDurable.SetResult();
        });
        var pipeline = Pipeline.Create("open", options => options with { StateDirectory = Path.Combine(_folder, "state") });
        pipeline.Table(large).Concat(pipeline.Table(other)).Select(text => new Row(text)).To(Sources.ChangeSink<Row>(Path.Combine(_folder, "out.jsonl")));

        await pipeline.RunAsync(stop: TestContext.Current.CancellationToken);

        Assert.False(committedInside);
        Assert.True(otherIsDurable.Task.IsCompletedSuccessfully);
        Assert.Equal(3, (await File.ReadAllLinesAsync(Path.Combine(_folder, "out.jsonl"), TestContext.Current.CancellationToken)).Length);
    }

    private static InputSlice Slice(string name, int number, bool ends)
    {
        var rows = new RowBuffer<string>();
        rows.Add($"{name} {number}");
        return new InputSlice { Position = new Position($"{number}"), EndsTransaction = ends, Rows = [(0, rows)] };
    }

    private sealed record Row(string Text);

    private sealed class Scripted(string name, Func<IInputQueue, CancellationToken, Task> run) : ISource<string>, ISourceOrigin, ISourceReader
    {
        public string Name => name;

        public ISourceOrigin Origin => this;

        public string Partition => $"scripted:{name}";

        public string Description => name;

        public ISourceReader Open(IReadOnlyList<ISource> sources) => this;

        public Task RunAsync(SourceContext context, CancellationToken stop) => run(context.Input, stop);

        public void Acknowledge(Position position)
        {
            // It forgets nothing.
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
