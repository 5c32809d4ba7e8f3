using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Execution;

/// <summary>The formatted output for one target: all sinks of a pipeline that go there.</summary>
internal sealed class EngineOutput(ITargetFactory factory)
{
    private readonly List<OutputPart> _parts = [];    // of all workers but the first
    private OutputPart? _first;
    private readonly List<string> _descriptions = [], _destinations = [];

    /// <summary>Makes the target.</summary>
    public ITargetFactory Factory { get; } = factory;

    /// <summary>What was formatted since the last commit; whoever takes it puts an empty one in its place.</summary>
    public OutputBuffer Buffer { get; set; } = new();

    /// <summary>Where worker <paramref name="worker"/> formats to.</summary>
    public OutputPart Part(int worker)
    {
        while (_parts.Count < worker) _parts.Add(new OutputPart(null));
        return worker == 0 ? _first ??= new OutputPart(this) : _parts[worker - 1];
    }

    /// <summary>Puts what the other workers formatted behind what the first one did, in their order.</summary>
    public void Collect()
    {
        foreach (var part in _parts)
        {
            if (part.Buffer.Rows > 0) Buffer.Append(part.Buffer);
            part.Buffer.Clear();
        }
    }

    /// <summary>Forgets what a circuit formatted that is gone.</summary>
    public void Clear()
    {
        Buffer.Clear();
        foreach (var part in _parts) part.Buffer.Clear();
    }

    /// <summary>What goes there, for people.</summary>
    public IReadOnlyList<string> Descriptions => _descriptions;

    /// <summary>Topics, tables or files that are known beforehand.</summary>
    public IReadOnlyList<string> Destinations => _destinations;

    /// <summary>Another sink goes there.</summary>
    public void Add(string description, IReadOnlyList<string> destinations)
    {
        _descriptions.Add(description);
        _destinations.AddRange(destinations);
    }
}

/// <summary>Where one worker formats to: the first one straight into the output, the others into buffers of their own.</summary>
internal sealed class OutputPart(EngineOutput? whole)
{
    private readonly OutputBuffer? _own = whole is null ? new OutputBuffer() : null;

    /// <summary>The buffer at this moment.</summary>
    public OutputBuffer Buffer => _own ?? whole!.Buffer;
}
