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

    /// <summary>Runs all readers until they end, fail or are stopped.</summary>
    public async Task RunAsync(string pipeline, Frontier resume, string scratch, InputQueue queue, PipelineStatus status, ILogger logger, TimeProvider time, CancellationToken stop)
    {
        using var one = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var waiting = _readers.Count;
        var tasks = _readers.Select((opened, source) => Task.Run(
            async () =>
            {
                var context = new SourceContext
                {
                    Resume = resume[opened.Origin.Partition], Input = queue.For(source), PipelineName = pipeline, Logger = logger, Time = time, Scratch = scratch,
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
