using Pathway.Core;
using Pathway.Engine;

namespace Pathway.Planning;

/// <summary>Which steps of a plan are the same as in the plan before: kind, types, text and all that they read, down to the sources.</summary>
internal sealed class PlanComparison
{
    private readonly Plan _plan;
    private readonly Dictionary<string, PlanStep> _before;
    private readonly Dictionary<Node, string> _whyNot = [];

    public PlanComparison(PlanDescription before, Plan plan)
    {
        (Before, _plan) = (before, plan);
        _before = before.Steps.ToDictionary(s => s.Path, StringComparer.Ordinal);
        foreach (var node in plan.Nodes)
            if (WhyOther(node) is { } why) _whyNot.Add(node, why);
        while (SpreadThroughLoops()) { }
    }

    /// <summary>The plan before.</summary>
    public PlanDescription Before { get; }

    /// <summary>The step that a node was; null if it was none.</summary>
    public PlanStep? BeforeOf(Node node) => _before.GetValueOrDefault(_plan.PathOf(node)) ?? _before.GetValueOrDefault(_plan.FormerPathOf(node));

    /// <summary>The step of the plan before that is called <paramref name="path"/>; null if there was none.</summary>
    public PlanStep? Find(string path) => _before.GetValueOrDefault(path);

    /// <summary>Whether a node means the same as before.</summary>
    public bool IsSame(Node node) => !_whyNot.ContainsKey(node);

    /// <summary>Why it doesn't.</summary>
    public string WhyNot(Node node) => _whyNot[node];

    /// <summary>The paths of what a step of the plan before read; where that wasn't recorded, as its own path tells it; null where that tells nothing.</summary>
    public IReadOnlyList<string>? InputsOf(PlanStep step)
    {
        if (step.Inputs is not null || step.Kind is "Source" or "Errors") return step.Inputs ?? [];
        var end = step.Path.LastIndexOf($"/{step.Kind}", StringComparison.Ordinal);
        if (end < 0) return null;
        // Paths may hold a '+' themselves, so the longest that is known comes first.
        var (rest, inputs) = (step.Path[..end], new List<string>());
        while (rest.Length > 0)
        {
            var found = _before.Keys.Where(p => rest == p || rest.StartsWith(p + '+', StringComparison.Ordinal)).MaxBy(p => p.Length);
            if (found is null) return null;
            inputs.Add(found);
            rest = rest == found ? "" : rest[(found.Length + 1)..];
        }

        return inputs;
    }

    private string? WhyOther(Node node)
    {
        if (BeforeOf(node) is not { } before) return "it is new";
        if (before.Kind != node.Kind) return $"it was a {before.Kind}";
        if (before.Types != node.Types) return $"its types were {before.Types}, and are {node.Types}";
        if (!before.SaysTheSame(node.Text)) return $"it was '{before.Text}', and is '{node.Text}'";
        if (InputsOf(before) is not { } inputs) return "what it read wasn't recorded by the version that wrote the state";
        if (inputs.Count != node.Inputs.Count) return $"it read {inputs.Count} tables, and reads {node.Inputs.Count}";
        for (var i = 0; i < inputs.Count; i++)
        {
            var input = node.Inputs[i];
            if (BeforeOf(input)?.Path != inputs[i]) return $"it read '{inputs[i]}', and reads '{_plan.PathOf(input)}'";
            if (_whyNot.ContainsKey(input)) return $"'{_plan.PathOf(input)}' before it changed";
        }

        return null;
    }

    // What changes in a loop changes what every step of it sees in the next round.
    private bool SpreadThroughLoops()
    {
        var changed = _whyNot.Keys.Select(LoopOf).OfType<Loop>().ToHashSet();
        var spread = false;
        foreach (var node in _plan.Nodes)
        {
            if (_whyNot.ContainsKey(node)) continue;
            var why = LoopOf(node) is { } loop && changed.Contains(loop) ? "its loop changed" : node.Inputs.FirstOrDefault(_whyNot.ContainsKey) is { } input ? $"'{_plan.PathOf(input)}' before it changed" : null;
            if (why is null) continue;
            _whyNot.Add(node, why);
            spread = true;
        }

        return spread;
    }

    private static Loop? LoopOf(Node node) => node.Loop ?? node.EndOf;
}
