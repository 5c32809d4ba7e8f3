using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Execution;

/// <summary>The formatted output for one target: all sinks of a pipeline that go there.</summary>
internal sealed class EngineOutput(ITargetFactory factory)
{
    private readonly List<string> _descriptions = [], _destinations = [];

    /// <summary>Makes the target.</summary>
    public ITargetFactory Factory { get; } = factory;

    /// <summary>What was formatted since the last commit; whoever takes it puts an empty one in its place.</summary>
    public OutputBuffer Buffer { get; set; } = new();

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
