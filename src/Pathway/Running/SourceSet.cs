using Microsoft.Extensions.Logging;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Running;

/// <summary>The readers of a pipeline's sources: one for each origin, so that a transaction over several tables stays whole.</summary>
internal sealed class SourceSet : IAsyncDisposable
{
    private readonly List<Opened> _readers = [];
    private int _ended;

    public SourceSet(IReadOnlyList<ISource> inputs)
    {
        foreach (var group in inputs.Select((source, input) => (source, input)).GroupBy(s => s.source.Origin))
        {
            if (_readers.Any(r => r.Origin.Partition == group.Key.Partition))
                throw new ConfigurationException($"Two sources with different settings read '{group.Key.Partition}'. Give all of them the same options, or each a name of its own.");
            _readers.Add(new Opened(group.Key, group.Key.Open([.. group.Select(s => s.source)]), [.. group.Select(s => s.input)], [.. group.Select(s => s.source.Name)]));
        }
    }

    /// <summary>Whether every source came to its end (files, bounded generators).</summary>
    public bool AllEnded => Volatile.Read(ref _ended) == _readers.Count;

    /// <summary>The engine's input for input <paramref name="local"/> of source <paramref name="source"/>.</summary>
    public int InputOf(int source, int local) => _readers[source].Inputs[local];

    /// <summary>The partition of source <paramref name="source"/>.</summary>
    public string PartitionOf(int source) => _readers[source].Origin.Partition;

    /// <summary>Why reading on from one frontier doesn't come by another; null where it does.</summary>
    /// <param name="from">The one.</param>
    /// <param name="to">The other.</param>
    /// <param name="needsOrder">A step that depends on the order in which rows come; null if none does.</param>
    public string? WhyNotReplay(Frontier from, Frontier to, string? needsOrder)
    {
        foreach (var (partition, position) in from.Positions)
            if (to[partition] is not { } other || (other != position && _readers.TrueForAll(r => r.Origin.Partition != partition))) return $"{partition} isn't read any more, or wasn't when the target got its output";
        foreach (var (partition, stop) in to.Positions)
        {
            if (from[partition] == stop) continue;
            if (_readers.Find(r => r.Origin.Partition == partition) is not { } opened) return $"{partition} isn't read any more";
            if (opened.Origin is not IKeptOrigin kept) return $"{opened.Origin.Description} doesn't keep its input";
            if (kept.WhyNotAgain(from[partition], stop) is { } why) return $"{opened.Origin.Description} doesn't come from {from[partition]?.Text ?? "its beginning"} to {stop.Text}: {why}";
            if (needsOrder is not null && (_readers.Count > 1 || !kept.IsInOrder(stop))) return $"{needsOrder} depends on the order in which rows come, and between {(_readers.Count > 1 ? "several sources" : "the partitions of a topic")} that isn't the same each time";
        }

        return null;
    }

    /// <summary>Runs all readers until they end, fail or are stopped.</summary>
    public async Task RunAsync(string pipeline, Frontier resume, string scratch, InputQueue queue, ReplayCourse course, PipelineStatus status, ILogger logger, TimeProvider time, CancellationToken stop)
    {
        using var one = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var waiting = _readers.Count;
        var tasks = _readers.Select((opened, source) => Task.Run(
            async () =>
            {
                var context = new SourceContext
                {
                    Resume = resume[opened.Origin.Partition], Input = course.Gate(queue.For(source), opened.Origin.Partition, resume[opened.Origin.Partition]),
                    Stops = course.StopsOf(opened.Origin.Partition, resume[opened.Origin.Partition]), PipelineName = pipeline, Logger = logger, Time = time, Scratch = scratch,
                    Streaming = () =>
                    {
                        if (Interlocked.Decrement(ref waiting) == 0) status.SetStreaming();
                    },
                };
                try
                {
                    await opened.Reader.RunAsync(context, one.Token).ConfigureAwait(false);
                    Interlocked.Increment(ref _ended);
                    queue.Pulse();
                }
                catch
                {
                    await one.CancelAsync().ConfigureAwait(false);
                    throw;
                }
            },
            CancellationToken.None)).ToList();
        try
        {
            await Task.WhenAll(tasks).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && tasks.All(t => !t.IsFaulted))
        {
            // Stopped as asked.
        }
        catch (OperationCanceledException)
        {
            // One failed and the others were cancelled for it: the failure is what counts.
            await Task.WhenAll(tasks.Where(t => t.IsFaulted)).ConfigureAwait(false);
        }
    }

    /// <summary>What is read, and where it goes on.</summary>
    public IEnumerable<StartReport.Source> Describe(Frontier resume) => _readers.Select(r => new StartReport.Source(
        r.Origin.Description, [.. r.Names.Distinct()], resume[r.Origin.Partition] is { } position ? r.Reader.Describe(position) : null));

    /// <summary>Tells every source that what lies before its position in <paramref name="frontier"/> may be forgotten upstream.</summary>
    public void Acknowledge(Frontier frontier)
    {
        FailPoint.Hit(FailPoints.AcknowledgeBefore);
        foreach (var opened in _readers)
            if (frontier[opened.Origin.Partition] is { } position) opened.Reader.Acknowledge(position);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _readers) await opened.Reader.DisposeAsync().ConfigureAwait(false);
    }

    private sealed record Opened(ISourceOrigin Origin, ISourceReader Reader, IReadOnlyList<int> Inputs, IReadOnlyList<string> Names);
}
