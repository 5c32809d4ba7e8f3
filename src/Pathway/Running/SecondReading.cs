using Microsoft.Extensions.Logging;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Planning;

namespace Pathway.Running;

/// <summary>Reads sources again, from their beginning to where the pipeline stands, for steps that are made anew.</summary>
internal sealed class SecondReading(Plan plan, Frontier until, string pipeline, string scratch, long queueBytes, ILogger logger, TimeProvider time)
{
    /// <summary>Gives <paramref name="take"/> the rows of <paramref name="inputs"/> (numbers of the plan's inputs), slice by slice, in the order of their sources.</summary>
    public void Read(IReadOnlyCollection<int> inputs, Action<IReadOnlyList<(int Input, IRowBuffer Rows)>> take, CancellationToken stop)
    {
        foreach (var group in inputs.GroupBy(i => plan.Inputs[i].Origin))
        {
            if (until[group.Key.Partition] is not { } end) continue; // nothing was read of it
            logger.ReadingAgain(group.Key.Description);
            // All inputs of the origin, as at the first time: what becomes of a record may depend on who else reads there.
            int[] all = [.. Enumerable.Range(0, plan.Inputs.Count).Where(i => plan.Inputs[i].Origin.Equals(group.Key))];
            ReadAsync(group.Key, all, end, slice => take([.. slice.Where(rows => inputs.Contains(rows.Input))]), stop).GetAwaiter().GetResult();
        }
    }

    private async Task ReadAsync(ISourceOrigin origin, int[] inputs, Position end, Action<IReadOnlyList<(int Input, IRowBuffer Rows)>> take, CancellationToken stop)
    {
        await using var reader = origin.Open([.. inputs.Select(i => plan.Inputs[i])]);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var (queue, isThere) = (new InputQueue(queueBytes), false);
        var context = new SourceContext
        {
            Resume = null, Stops = [end], Input = new StopGate(queue.For(0), null, WaitAtEndAsync), PipelineName = pipeline, Logger = logger, Time = time, Scratch = scratch,
        };
        var reading = Task.Run(
            async () =>
            {
                try
                {
                    await reader.RunAsync(context, ending.Token).ConfigureAwait(false);
                }
                finally
                {
                    queue.Pulse();
                }
            },
            CancellationToken.None);
        try
        {
            while (!isThere)
            {
                var isOver = reading.IsCompleted;
                if (queue.TryTake(isOver ? TimeSpan.Zero : TimeSpan.FromSeconds(1), out var queued)) Take(queued.Slice);
                else if (isOver) await ThrowAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Nothing that lies behind is read: it comes when the pipeline goes on.
        Task WaitAtEndAsync(Position? at, CancellationToken token) => at == end ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;

        void Take(InputSlice slice)
        {
            using (slice) take([.. slice.Rows.Select(rows => (inputs[rows.Input], rows.Rows))]);
            FailPoint.Hit(FailPoints.RebuildReadAgain);
            isThere = slice.EndsTransaction && slice.Position == end;
        }

        async Task ThrowAsync()
        {
            await reading.ConfigureAwait(false);
            throw new RefusalException($"{origin.Description} ended before it was read again to where the pipeline stands", "its end", $"{end.Text}", "Put back what was read, or begin anew with an empty state directory.");
        }
    }
}
