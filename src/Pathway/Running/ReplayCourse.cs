using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Running;

/// <summary>The way of a restored pipeline to where its targets are: at each stage a commit ends exactly at a target's frontier, and from there on the target gets output again (protocol, section 6).</summary>
/// <remarks>The engine's thread passes the stages; sources wait at the gate of each until all others are there too.</remarks>
internal sealed class ReplayCourse
{
    private readonly IReadOnlyList<Stage> _stages;
    private volatile int _passed;

    private ReplayCourse(IReadOnlyList<Stage> stages) => _stages = stages;

    /// <summary>Whether there is a stage ahead.</summary>
    public bool IsOver => _passed == _stages.Count;

    /// <summary>The frontier of the next stage, where there is one.</summary>
    public Frontier Next => _stages[_passed].Frontier;

    /// <summary>Made of the markers of targets that are ahead.</summary>
    /// <exception cref="RefusalException">They don't lie on one way.</exception>
    public static ReplayCourse Of(IEnumerable<Marker> ahead, Func<Frontier, Frontier, string?> whyNot)
    {
        var stages = new List<Stage>();
        foreach (var marker in ahead.OrderBy(m => m.Commit))
        {
            if (stages is [.., var last] && last.Frontier.Equals(marker.Frontier)) stages[^1] = last with { Targets = [.. last.Targets, marker.Target] };
            else stages.Add(new Stage(marker.Frontier, [marker.Target], new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        for (var i = 1; i < stages.Count; i++)
        {
            if (whyNot(stages[i - 1].Frontier, stages[i].Frontier) is { } reason)
                throw new RefusalException("the targets are ahead of the snapshot in ways that don't agree", reason, "markers of one history", "Begin anew with an empty state directory and empty targets.");
        }

        return new ReplayCourse(stages);
    }

    /// <summary>Whether the next stage is where everything stands now.</summary>
    public bool IsAt(Frontier frontier) => !IsOver && Next.Equals(frontier);

    /// <summary>Whether <paramref name="target"/> has what comes now already.</summary>
    public bool IsHeld(string target)
    {
        for (var i = _passed; i < _stages.Count; i++)
            if (_stages[i].Targets.Contains(target)) return true;
        return false;
    }

    /// <summary>The commit of the next stage is handed over: sources may go on.</summary>
    /// <returns>The stage.</returns>
    public Stage Pass()
    {
        var stage = _stages[_passed];
        _passed++;
        stage.Passed.SetResult();
        return stage;
    }

    /// <summary>Where a source has to end a slice: behind <paramref name="resume"/>.</summary>
    public IReadOnlyList<Position> StopsOf(string partition, Position? resume)
    {
        var stops = new List<Position>();
        foreach (var stage in _stages)
            if (stage.Frontier[partition] is { } stop && stop != (stops.Count > 0 ? stops[^1] : resume)) stops.Add(stop);
        return stops;
    }

    /// <summary>The queue as a source sees it that waits at the stages.</summary>
    public IInputQueue Gate(IInputQueue queue, string partition, Position? resume) => IsOver ? queue : new StopGate(queue, resume, (at, stop) => WaitAsync(partition, at, stop));

    /// <summary>One stage.</summary>
    /// <param name="Frontier">Where it is.</param>
    /// <param name="Targets">Those that get output from there on.</param>
    /// <param name="Passed">Completes when sources may go on.</param>
    internal sealed record Stage(Frontier Frontier, IReadOnlyList<string> Targets, TaskCompletionSource Passed);

    private async Task WaitAsync(string partition, Position? at, CancellationToken stop)
    {
        for (var next = _passed; next < _stages.Count && _stages[next].Frontier[partition] == at; next = _passed) await _stages[next].Passed.Task.WaitAsync(stop).ConfigureAwait(false);
    }
}
