using Microsoft.Extensions.Logging;
using Pathway.Checkpointing;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Execution;

namespace Pathway.Running;

/// <summary>The targets of a pipeline, each with its delivery loop.</summary>
internal sealed class TargetSet : IAsyncDisposable
{
    private readonly List<ITarget> _targets = [];
    private readonly IReadOnlyList<EngineOutput> _outputs;
    private readonly StateFolder _folder;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private DeliveryLoop[] _loops = [];
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CommitNumber _acknowledged;

    private TargetSet(IReadOnlyList<EngineOutput> outputs, StateFolder folder, ILogger logger, TimeProvider time) => (_outputs, _folder, _logger, _time) = (outputs, folder, logger, time);

    /// <summary>Called when a marker moved.</summary>
    public Action Advanced { get; set; } = static () => { };

    /// <summary>Called when a target has everything that is durable and waits for more.</summary>
    public Action BecameIdle { get; set; } = static () => { };

    /// <summary>Whether a target waits for output; so does nobody at all.</summary>
    public bool IsAnyIdle
    {
        get
        {
            foreach (var loop in _loops)
                if (loop.IsIdle) return true;
            return _loops.Length == 0;
        }
    }

    /// <summary>The delivery loops, in the order of the outputs.</summary>
    public IReadOnlyList<DeliveryLoop> Loops => _loops;

    /// <summary>The last epoch that a target was told of.</summary>
    public Epoch EpochTold => new(_loops.Select(l => (l.Ahead ?? l.Delivered?.Marker)?.Epoch.Value ?? 0).DefaultIfEmpty().Max());

    /// <summary>Whether a target that may be told twice was told something that no commit has on record.</summary>
    public bool HasUnrecorded => _loops.Any(l => l.Target.Guarantee == Guarantee.AtLeastOnce && l.Delivered is { } delivered && !Equals(_folder.RecordedFor(l.Target.Name)?.Marker, delivered.Marker));

    /// <summary>Rows that some target has yet to get.</summary>
    public long RowsUndelivered => _loops.Sum(l => l.RowsUndelivered);

    /// <summary>Rows delivered since the start.</summary>
    public long RowsDelivered => _loops.Sum(l => l.RowsDelivered);

    /// <summary>The last commit whose output every target has whole by the record of a durable commit: a target that keeps its marker there alone is gone on with from that.</summary>
    /// <param name="recorded">The record of the last commit of this run; null before it.</param>
    public CommitNumber RecordedEverywhere(IReadOnlyList<DeliveredMarker>? recorded) =>
        WholeEverywhere(l => recorded is null ? _folder.RecordedFor(l.Target.Name) : recorded.FirstOrDefault(d => d.Marker.Target == l.Target.Name));

    /// <summary>Makes the targets.</summary>
    public static TargetSet Open(IReadOnlyList<EngineOutput> outputs, string pipeline, StateFolder folder, ILogger logger, TimeProvider time)
    {
        var set = new TargetSet(outputs, folder, logger, time);
        foreach (var output in outputs)
        {
            if (set._targets.Any(t => t.Name == output.Factory.Name))
                throw new ConfigurationException($"Two targets are named '{output.Factory.Name}'. Give one of them another name.");
            set._targets.Add(output.Factory.Open(new TargetContext(pipeline, new PipelineId(folder.Manifest.Pipeline), output.Destinations, logger, time)));
        }

        return set;
    }

    /// <summary>Where the state directory is new but a target knows this pipeline: goes on from its marker, if the user said so; else refuses.</summary>
    public async Task AdoptAsync(bool adopt, RetryPolicy retry, CancellationToken stop)
    {
        if (!_folder.IsFresh) return;
        var found = new List<Marker>();
        foreach (var target in _targets)
            if (await PatientlyAsync(() => target.ReadMarkerAsync(null, stop), target.Name, retry, stop).ConfigureAwait(false) is { } marker && marker.Pipeline.Value != _folder.Manifest.Pipeline) found.Add(marker);
        foreach (var marker in found)
        {
            var facts = new MarkerFacts(
                marker.Target, marker, null, _folder.Manifest, _folder.Log.First, _folder.Log.Durable, true, _folder.Manifest.Plan.Steps.Any(s => s.HasState) || _targets.Count > 1, adopt);
            switch (MarkerDecision.Decide(facts))
            {
                case MarkerDecision.Refuse refuse:
                    throw refuse.Reason;
                case MarkerDecision.Adopt:
                    _folder.Adopt(marker, _time.GetUtcNow());
                    _logger.Adopted(marker.Target, marker.Commit.Value);
                    break;
            }
        }
    }

    /// <summary>Claims every target (fence, marker, decision); waits while one can't be reached.</summary>
    /// <param name="retry">Waits between tries.</param>
    /// <param name="whyNotReplay">Why input can't be replayed up to a frontier; gives null where it can.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>The markers of targets that have more than we.</returns>
    public async Task<IReadOnlyList<Marker>> ClaimAsync(RetryPolicy retry, Func<Frontier, string?> whyNotReplay, CancellationToken stop)
    {
        var context = new DeliveryContext { Log = _folder.Log, Index = _folder.Index, Manifest = _folder.Manifest, Logger = _logger, Time = _time, Retry = retry, WhyNotReplay = whyNotReplay };
        _loops = [.. _targets.Select(t => new DeliveryLoop(t, context) { Advanced = () => Advanced(), BecameIdle = () => BecameIdle() })];
        foreach (var loop in _loops) await loop.ClaimAsync(_folder.RecordedFor(loop.Target.Name), stop).ConfigureAwait(false);
        var ahead = _loops.Select(l => l.Ahead).OfType<Marker>().ToList();
        _folder.Claimed(ahead);
        return ahead;
    }

    /// <summary>Delivers until <see cref="Finish"/>; fails with the first target that fails.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (_loops.Length == 0) await _finished.Task.WaitAsync(stop).ConfigureAwait(false);
        var running = _loops.Select(l => Task.Run(() => l.RunAsync(stop), CancellationToken.None)).ToList();
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running).ConfigureAwait(false);
            running.Remove(ended);
            await ended.ConfigureAwait(false);
        }
    }

    /// <summary>A commit became durable.</summary>
    public void Release(DurableCommit commit)
    {
        foreach (var loop in _loops) loop.Release(commit);
    }

    /// <summary>Input was replayed up to where these targets are.</summary>
    public void Reached(IReadOnlyList<string> targets, CommitSummary commit)
    {
        foreach (var loop in _loops)
            if (targets.Contains(loop.Target.Name)) loop.Reached(commit);
    }

    /// <summary>Lets the loops end when everything durable is delivered.</summary>
    public void Finish()
    {
        _finished.TrySetResult();
        foreach (var loop in _loops) loop.Finish();
    }

    /// <summary>The newest marker of every target.</summary>
    public IReadOnlyList<DeliveredMarker> Delivered() => [.. _loops.Select(l => l.Delivered).OfType<DeliveredMarker>()];

    /// <summary>The frontier that sources may be told: durable and delivered everywhere; null if there is nothing new to tell.</summary>
    public Frontier? TakeFrontierToAcknowledge()
    {
        var delivered = WholeEverywhere(static l => l.Delivered);
        lock (_targets)
        {
            if (delivered <= _acknowledged) return null;
            _acknowledged = delivered;
        }

        return _folder.Index.Find(delivered)?.Frontier;
    }

    /// <summary>What is written, and how far it lags.</summary>
    public IEnumerable<StartReport.Target> Describe() =>
        _loops.Select((loop, i) => new StartReport.Target(loop.Target.Description, _outputs[i].Descriptions, loop.Target.Guarantee, loop.RowsUndelivered));

    public async ValueTask DisposeAsync()
    {
        foreach (var loop in _loops) loop.Dispose();
        foreach (var target in _targets) await target.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The last commit whose output every target has whole, by what is known of each.</summary>
    private CommitNumber WholeEverywhere(Func<DeliveryLoop, DeliveredMarker?> known) => _loops.Length == 0 ? _folder.Log.Durable : _loops.Min(l => WholeUpTo(known(l)));

    private static CommitNumber WholeUpTo(DeliveredMarker? delivered) => delivered is { Marker: var marker } ? marker.IsWhole ? marker.Commit : new CommitNumber(marker.Commit.Value - 1) : CommitNumber.None;

    private async Task<Marker?> PatientlyAsync(Func<ValueTask<Marker?>> read, string target, RetryPolicy retry, CancellationToken stop)
    {
        var since = _time.GetTimestamp();
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await read().ConfigureAwait(false);
            }
            catch (ConnectorException e) when (e.IsTransient && !retry.IsOver(_time.GetElapsedTime(since)))
            {
                _logger.TargetUnreachable(target, retry.Delay(failures), e.Message);
                await Task.Delay(retry.Delay(failures), _time, stop).ConfigureAwait(false);
            }
        }
    }
}
