using Pathway.Connectors;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Execution;

namespace Pathway.Planning;

/// <summary>What a pipeline computes: the steps that its sinks need, in topological order, each with a stable path.</summary>
/// <remarks>A step's path is the user's name for it, else the path of what it reads and its kind. Two steps with state and one path are refused: their state couldn't be told apart after a change.</remarks>
internal sealed class Plan
{
    private readonly Dictionary<Node, string> _paths = [];
    private readonly Dictionary<Node, string> _formerPaths = [];
    private readonly List<Node> _nodes = [];

    public Plan(IReadOnlyList<SinkNode> sinks, IReadOnlyDictionary<ISource, Node> inputs, IReadOnlyList<EngineOutput> outputs)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sink in sinks) Visit(sink, taken);
        var ours = inputs.Values.ToHashSet();
        if (_nodes.Find(n => n.Kind == "Source" && !ours.Contains(n)) is { } stranger)
            throw new ConfigurationException($"The plan reads '{_paths[stranger]}' of another pipeline. Only tables of one pipeline go together: make all of them from the same.");
        var used = inputs.Where(i => _paths.ContainsKey(i.Value)).ToList();
        Inputs = [.. used.Select(i => i.Key)];
        InputNodes = [.. used.Select(i => i.Value)];
        Outputs = outputs;
        Description = new PlanDescription([.. _nodes.Select(n => new PlanStep(_paths[n], n.Kind, n.Types, n.Text, n.States.Count > 0, [.. n.Inputs.Select(PathOf)]))]);
    }

    /// <summary>The sources that are read.</summary>
    public IReadOnlyList<ISource> Inputs { get; }

    /// <summary>Their nodes, in the same order.</summary>
    public IReadOnlyList<Node> InputNodes { get; }

    /// <summary>The output, one for each target.</summary>
    public IReadOnlyList<EngineOutput> Outputs { get; }

    /// <summary>All steps, each behind what it reads.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>The plan as it is compared between starts.</summary>
    public PlanDescription Description { get; }

    /// <summary>The durable names of all states.</summary>
    public IReadOnlyList<string> StatePaths => [.. _nodes.SelectMany(n => n.States.Select(s => StatePathOf(n, s)))];

    /// <summary>The stable name of a step.</summary>
    public string PathOf(Node node) => _paths[node];

    /// <summary>What it was called before steps got other names (<see cref="Node.FormerName"/>); <see cref="PathOf"/> where none did.</summary>
    public string FormerPathOf(Node node) => _formerPaths[node];

    /// <summary>The durable name of a step's state.</summary>
    public string StatePathOf(Node node, string state) => StatePathOf(_paths[node], state);

    /// <summary>The durable name of the state of the step called <paramref name="path"/>.</summary>
    public static string StatePathOf(string path, string state) => state.Length == 0 ? path : $"{path}.{state}";

    /// <summary>The source that a node reads.</summary>
    public ISource SourceOf(Node source) => Inputs[InputNodes.ToList().IndexOf(source)];

    private void Visit(Node node, HashSet<string> taken)
    {
        if (_paths.ContainsKey(node)) return;
        foreach (var input in node.Inputs) Visit(input, taken);
        var path = node.Name ?? $"{string.Join('+', node.Inputs.Select(i => _paths[i]))}/{node.Kind}";
        if (!taken.Add(path)) path = Another(node, path, taken);
        // A number says which of two equal steps comes first in the code, which is nothing that state could be found by.
        if (node.States.Count > 0 && node.Name is null && path.Contains('#', StringComparison.Ordinal)) throw NeedsName(path);
        _paths.Add(node, path);
        _formerPaths.Add(node, node.FormerName ?? node.Name ?? $"{string.Join('+', node.Inputs.Select(i => _formerPaths[i]))}{path[path.LastIndexOf($"/{node.Kind}", StringComparison.Ordinal)..]}");
        _nodes.Add(node);
    }

    private static string Another(Node node, string path, HashSet<string> taken)
    {
        if (node.States.Count > 0 || node.Name is not null) throw NeedsName(path);
        var number = 2;
        while (!taken.Add($"{path}#{number}")) number++;
        return $"{path}#{number}";
    }

    private static ConfigurationException NeedsName(string path) =>
        new($"Two steps of the plan are called '{path.Replace("#2", "", StringComparison.Ordinal)}', and their state couldn't be told apart later. Name one of them, or a step before it, with .Named(\"…\").");
}
