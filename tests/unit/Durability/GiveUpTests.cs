using Pathway.Checkpointing;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Tests.Unit.Storage;

namespace Pathway.Tests.Unit.Durability;

/// <summary>A target that can't be reached at the first start: tried again, and given up after the time that was set.</summary>
[Trait("suite", "unit")]
public sealed class GiveUpTests
{
    [Fact]
    public async Task Run_TargetAwayFromTheFirstStartOn_GivesUpAfterTheTimeSet()
    {
        using var folder = new TemporaryFolder();
        var target = new AwayTarget();
        var pipeline = Pipeline.Create("away", options => options with
        {
            StateDirectory = folder.Path, Retry = new RetryPolicy { First = TimeSpan.FromMilliseconds(1), GiveUpAfter = TimeSpan.FromMilliseconds(50) },
        });
        pipeline.Stream(new NoRows()).To(new StreamSink<int>(target, new NoFormat(), "nothing"));

        var failure = await Assert.ThrowsAsync<ConnectorException>(() => pipeline.RunAsync(stop: TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

        Assert.Equal("The target is away.", failure.Message);
        Assert.True(target.Tries > 1);
    }

    private sealed class AwayTarget : ITarget, ITargetFactory
    {
        public int Tries { get; private set; }

        public string Name => "away";

        public string Description => "away";

        public Guarantee Guarantee => Guarantee.ExactlyOnce;

        public TransactionLimits Limits { get; } = new();

        public ITarget Open(TargetContext context) => this;

        public ValueTask<Marker?> ReadMarkerAsync(DeliveredMarker? recorded, CancellationToken cancellationToken)
        {
            Tries++;
            throw new ConnectorException("The target is away.") { IsTransient = true };
        }

        public ValueTask<Marker?> ClaimAsync(DeliveredMarker? recorded, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public ValueTask<DeliveredMarker> DeliverAsync(IDeliveryBatch batch, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class NoRows : ISource<int>, ISourceOrigin, ISourceReader
    {
        public string Name => "nothing";

        public ISourceOrigin Origin => this;

        public string Partition => "nothing";

        public string Description => "nothing";

        public ISourceReader Open(IReadOnlyList<ISource> sources) => this;

        public Task RunAsync(SourceContext context, CancellationToken stop) => Task.CompletedTask;

        public void Acknowledge(Position position)
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class NoFormat : IStreamFormatter<int>
    {
        public void Format(ReadOnlySpan<int> rows, OutputBuffer output)
        {
        }
    }
}
