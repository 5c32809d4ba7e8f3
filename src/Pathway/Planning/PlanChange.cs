using System.Text;
using Pathway.Checkpointing;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway.Planning;

/// <summary>What a plan makes of the state of another one: what is kept, what is made anew and from what, what targets get, what can't be had and why.</summary>
/// <remarks>Decided from the two descriptions alone, so that it can be shown without opening anything. Whoever says yes gets just this (<see cref="Running.Rebuild"/>).</remarks>
internal sealed class PlanChange
{
    /// <summary>Steps whose state stands under the key of their table.</summary>
    private static readonly HashSet<string> KeyedKinds = ["Upsert", "GroupBy", "Deduplicate", "WithKey", "UpdateRows", "UpdateCells", "RestrictToKeysOf", "WithoutKeysOf", "Zip"];

    /// <summary>Steps that leave the keys of their table as they are.</summary>
    private static readonly HashSet<string> KeepKeys = ["Select", "Where", "Keys"];

    private const string BeginAnew = "An empty state directory, and an empty target or another name for it, builds everything from its source.", AnotherPlace = "Send it to another place, which gets the whole table, or empty this one and begin anew.";

    private readonly Plan _plan;
    private readonly PlanComparison _same;
    private readonly IReadOnlyCollection<string> _left;
    private readonly Dictionary<Node, string> _refused = [];
    private readonly List<Correction> _corrections = [];
    private readonly Dictionary<Node, (string Before, RowConversion Conversion)> _converted = [];
    private readonly Dictionary<Node, Fate> _sinks = [];
    private readonly List<string> _goneOrigins;

    private PlanChange(PlanDescription before, IReadOnlyCollection<string> left, Plan plan)
    {
        (_plan, _same, _left) = (plan, new PlanComparison(before, plan), left);
        _goneOrigins = [.. before.Steps.Where(s => s.Kind == "Source" && !plan.Inputs.Any(i => Reads(s, i.Origin.Partition))).Select(s => s.Path)];
        foreach (var node in plan.Nodes)
            if (!_same.IsSame(node) && node is not SinkNode && IsRemembering(node) && !Begins(node) && !GoesOn(node) && !TryConvert(node)) Build(node);
        foreach (var sink in plan.Nodes.OfType<SinkNode>()) _sinks.Add(sink, FateOf(sink));
        if (plan.Nodes.FirstOrDefault(n => n.GivesErrors) is { } errors && plan.Nodes.Any(n => n is not SinkNode && !_same.IsSame(n)))
            _refused.TryAdd(errors, "the errors that changed steps have given so far aren't known, so they couldn't be taken back");
        Steps = [.. plan.Nodes.Select(FateOf)];
        Gone = [.. before.Steps.Where(s => plan.Nodes.All(n => _same.BeforeOf(n)?.Path != s.Path))];
    }

    /// <summary>Every step of the plan and what becomes of it.</summary>
    public IReadOnlyList<StepFate> Steps { get; }

    /// <summary>Steps that the plan has no more.</summary>
    public IReadOnlyList<PlanStep> Gone { get; }

    /// <summary>How states are made anew.</summary>
    public Pass Building { get; } = new();

    /// <summary>How targets get tables.</summary>
    public Pass Delivering { get; } = new();

    /// <summary>The sinks whose targets have an older form of their table.</summary>
    public IReadOnlyList<Correction> Corrections => _corrections;

    /// <summary>The steps that take over a state of the plan before, by its name, that another form of their rows wrote.</summary>
    public IReadOnlyDictionary<Node, (string Before, RowConversion Conversion)> Conversions => _converted;

    /// <summary>Whether it can be done.</summary>
    public bool IsPossible => _refused.Count == 0;

    /// <summary>What becomes of the states.</summary>
    public StateEvolution Evolution => new(
        _plan.Nodes.SelectMany(n => n.States.Select(s => (Path: _plan.StatePathOf(n, s), Before: IsKept(n) ? Plan.StatePathOf(_same.BeforeOf(n)!.Path, s) : null))).ToDictionary(s => s.Path, s => s.Before, StringComparer.Ordinal),
        _converted.Count > 0 || Building.Runs.Count > 0 || Delivering.Runs.Count > 0 || _goneOrigins.Count > 0);

    /// <summary>Compares a plan with the one that wrote the state.</summary>
    /// <param name="before">That one.</param>
    /// <param name="left">Destinations that still earlier ones wrote.</param>
    /// <param name="plan">The plan now.</param>
    public static PlanChange Between(PlanDescription before, IReadOnlyCollection<string> left, Plan plan) => new(before, left, plan);

    /// <summary>Refuses it if nobody said yes, or if it can't be done.</summary>
    /// <exception cref="RefusalException">With all of it, in words.</exception>
    public void Require(bool accepted)
    {
        if (!IsPossible)
            throw new RefusalException("the plan differs from the one that wrote the state, and its state can't be made of that", $"\n{this}\n", "steps that can be made from rows that are kept", "Go back to the plan before, or do what stands beside the steps above.");
        if (!accepted)
            throw new RefusalException("the plan differs from the one that wrote the state", $"\n{this}\n", "the same plan", "Start once with --accept-plan (PipelineOptions.AcceptPlan) if this is what you want.");
    }

    /// <summary>What becomes of every step, as lines for people.</summary>
    public override string ToString() => Describe(static _ => "");

    /// <summary>What becomes of every step, as lines for people.</summary>
    /// <param name="sizeOf">How large the state of a step of the plan before is, in words; empty where that isn't known.</param>
    public string Describe(Func<string, string> sizeOf)
    {
        var text = new StringBuilder();
        foreach (var step in Steps)
        {
            if (step.Fate == Fate.Kept && step.Node.States.Count == 0) continue;
            text.Append(WordOf(step.Fate).PadRight(11)).Append(step.Path).Append(step.Reason.Length > 0 ? $": {step.Reason}" : "");
            if (step.Fate is Fate.Kept or Fate.Moved or Fate.Converted && step.Node.States.Count > 0) text.Append(sizeOf(_same.BeforeOf(step.Node)!.Path));
            text.Append('\n');
        }

        foreach (var step in Gone) text.Append("gone       ").Append(step.Path).Append(step.HasState ? $": its state is deleted{sizeOf(step.Path)}" : step.Kind == "Sink" ? ": what its target has stays there" : "").Append('\n');
        return text.Append(Steps.Count(s => s.Fate == Fate.Kept && s.Node.States.Count == 0)).Append(" steps without state are kept").ToString();
    }

    private static string WordOf(Fate fate) => fate switch
    {
        Fate.Kept => "kept",
        Fate.Moved => "moved",
        Fate.Changed => "changed",
        Fate.Converted => "converted",
        Fate.Rebuilt => "rebuilt",
        Fate.Begins => "begins",
        Fate.GoesOn => "goes on",
        Fate.Delivered => "delivered",
        Fate.Corrected => "corrected",
        _ => "refused",
    };

    private StepFate FateOf(Node node)
    {
        var path = _plan.PathOf(node);
        if (_refused.TryGetValue(node, out var reason)) return new(node, path, Fate.Refused, reason);
        if (node is SinkNode sink) return new(node, path, _sinks[sink], ReasonOf(sink));
        if (Building.Runs.Contains(node) && (node.States.Count > 0 || node.EndOf is not null))
            return new(node, path, Fate.Rebuilt, $"{(_same.IsSame(node) ? "its rows are needed, and its state doesn't tell them" : _same.WhyNot(node))}; from {string.Join(", ", FeedsOf(node, Building).Select(f => f.Kind == "Source" ? $"source {_plan.PathOf(f)}, read again" : _plan.PathOf(f)))}");
        if (_converted.TryGetValue(node, out var converted)) return new(node, path, Fate.Converted, converted.Conversion.Description);
        if (_same.IsSame(node)) return _same.BeforeOf(node)!.Path is var before && before != path ? new(node, path, Fate.Moved, $"it was '{before}'") : new(node, path, Fate.Kept, "");
        if (GoesOn(node)) return new(node, path, Fate.Kept, $"{_same.WhyNot(node)}; what it remembers stays");
        return Begins(node) ? new(node, path, Fate.Begins, "its source is new, and read from the beginning") : new(node, path, Fate.Changed, _same.WhyNot(node));
    }

    private string ReasonOf(SinkNode sink) => _sinks[sink] switch
    {
        Fate.Delivered => "it is new; its target gets the whole table",
        Fate.Corrected => $"{_same.WhyNot(sink.Inputs[0])}; its target gets the whole table, and deletes of keys that are gone",
        Fate.GoesOn => "its target gets what comes from now on",
        _ => "",
    };

    /// <summary>The steps whose rows those of <paramref name="node"/> are made of.</summary>
    private IEnumerable<Node> FeedsOf(Node node, Pass pass) => node.Inputs.SelectMany(i => (i.Kind == "Source" && pass.Passes.Contains(i)) || pass.Feeds.Contains(i) || _converted.ContainsKey(i) ? [i] : FeedsOf(i, pass)).Distinct();

    private Fate FateOf(SinkNode sink)
    {
        var (input, before) = (sink.Inputs[0], _same.Before.Steps.Where(s => s.Kind == "Sink" && s.Text == sink.Text).ToList());
        if (_same.IsSame(input) && before.Exists(s => s.Types == sink.Types && _same.InputsOf(s)?[0] == _same.BeforeOf(input)!.Path)) return Fate.Kept;
        if (sink.Form == SinkForm.Stream) return Fate.GoesOn;
        if (_left.Contains(sink.Text))
        {
            Refuse(sink, $"an earlier plan wrote there, and which of its rows are still there isn't known. {AnotherPlace}");
            return Fate.Refused;
        }

        if (before.Count == 0 && Begins(input)) return Fate.GoesOn;
        if (before.Count > 0 && !TryCorrect(sink, before)) return Fate.Refused;
        Deliver(input, sink);
        Delivering.Runs.Add(sink);
        return before.Count == 0 ? Fate.Delivered : Fate.Corrected;
    }

    private bool TryCorrect(SinkNode sink, List<PlanStep> before)
    {
        if (before.Count > 1 || _plan.Nodes.Count(n => n is SinkNode && n.Text == sink.Text) > 1) return Refuse(sink, $"several tables go there, and which rows there are of this one isn't known. {AnotherPlace}");
        if (sink.Form != SinkForm.Keyed) return Refuse(sink, $"{_same.WhyNot(sink.Inputs[0])}, and which rows its target has isn't known, so they couldn't be taken back. {AnotherPlace}");
        var step = _same.InputsOf(before[0]) is [var path] ? _same.Find(path) : null;
        while (step is not null && !step.HasState && KeepKeys.Contains(step.Kind)) step = _same.InputsOf(step) is [var next] ? _same.Find(next) : null;
        if (step is null || !KeyedKinds.Contains(step.Kind) || KeyOf(before[0].Types) != KeyOf(sink.Types)) return Refuse(sink, $"{_same.WhyNot(sink.Inputs[0])}, and which keys its target has isn't known. {AnotherPlace}");
        _corrections.Add(new Correction(sink, step.Path));
        return true;
    }

    /// <summary>The rows of a source's table may have been stored in another form.</summary>
    private bool TryConvert(Node node)
    {
        if (node.Converts is null || _same.BeforeOf(node) is not { } before || before.Kind != node.Kind || KeyOf(before.Types) != KeyOf(node.Types)) return false;
        if (_same.BeforeOf(node.Inputs[0]) is not { Kind: "Source" } source || source.Text != node.Inputs[0].Text || before.Types == node.Types) return false;
        var conversion = node.Converts(before.Types);
        if ((conversion.Refusal is not null || conversion.AddsMembers) && WhyNotAgain(node.Inputs[0]) is null) return false; // what was sent is better than a default
        _converted.Add(node, (before.Path, conversion));
        if (conversion.Refusal is { } why) Refuse(node, $"{why}. {BeginAnew}");
        return true;
    }

    private static string KeyOf(string types) => types.Split(" → ")[0];

    /// <summary>The state of <paramref name="node"/> is made anew; where it is in a loop, that of all of the loop.</summary>
    private void Build(Node node)
    {
        if (!Building.Runs.Add(node)) return;
        if (node.NotFromTable is { } why && !(why == Arrivals.Order && node.Inputs.All(IsReadAgain))) Refuse(node, $"{(_same.IsSame(node) ? "its rows are needed" : _same.WhyNot(node))}, and {why}. {BeginAnew}");
        if ((node.Loop ?? node.EndOf) is { } loop)
            foreach (var other in _plan.Nodes.Where(n => n.Loop == loop || n.EndOf == loop)) Build(other);
        foreach (var input in node.Inputs) Need(input, node);
    }

    /// <summary>All rows of <paramref name="node"/> are needed for <paramref name="by"/>, whose state is made anew.</summary>
    private void Need(Node node, Node by)
    {
        if (Begins(node) || Building.Runs.Contains(node) || _converted.ContainsKey(node)) return;
        if (node.Kind == "Source" && ReadAgain(node, Building)) return;
        if (node.Kind == "Source") Refuse(by, $"all rows of source '{_plan.PathOf(node)}' are needed, which is read on from where it stands: {WhyNotAgain(node)}. {BeginAnew}");
        else if (node.GivesErrors) Refuse(by, "the errors so far aren't kept");
        else if (node.TellsContents && _same.IsSame(node)) Building.Feeds.Add(node);
        else if (!node.GivesAgain || (node.States.Count > 0 && !_same.IsSame(node))) Build(node);
        else if (Building.Passes.Add(node))
            foreach (var input in node.Inputs) Need(input, by);
    }

    /// <summary>All rows of <paramref name="node"/> go to the target of <paramref name="sink"/>.</summary>
    private void Deliver(Node node, SinkNode sink)
    {
        if (Begins(node)) return;
        if (node.Kind == "Source" && ReadAgain(node, Delivering)) return;
        if (node.Kind == "Source") Refuse(sink, $"all rows of source '{_plan.PathOf(node)}' are needed, which is read on from where it stands: {WhyNotAgain(node)}. {BeginAnew}");
        else if (node.TellsContents) Delivering.Feeds.Add(node);
        else if (!node.GivesAgain || node.GivesErrors) Refuse(sink, $"the rows of '{_plan.PathOf(node)}' are needed, and it doesn't keep them. {BeginAnew}");
        else if (Delivering.Passes.Add(node))
            foreach (var input in node.Inputs) Deliver(input, sink);
    }

    private bool ReadAgain(Node source, Pass pass)
    {
        if (WhyNotAgain(source) is not null) return false;
        pass.Passes.Add(source);
        return true;
    }

    /// <summary>Why a source can't be read again from its beginning to where the pipeline stands; null where it can.</summary>
    private string? WhyNotAgain(Node source) => _plan.SourceOf(source).Origin is IKeptOrigin kept ? kept.WhyNotAgain(null, null) : "it doesn't keep its input";

    /// <summary>Whether the rows of a step come in the order of their sources when those are read again.</summary>
    private bool IsReadAgain(Node node) => node.Kind == "Source" ? WhyNotAgain(node) is null : node.States.Count == 0 && node.GivesAgain && node.Inputs.Count > 0 && node.Inputs.All(IsReadAgain);

    private bool Refuse(Node node, string why)
    {
        _refused.TryAdd(node, why);
        return false;
    }

    private static bool IsRemembering(Node node) => node.States.Count > 0 || node.EndOf is not null;

    private bool IsKept(Node node) => (_same.IsSame(node) || (IsRemembering(node) && GoesOn(node))) && !Building.Runs.Contains(node);

    /// <summary>What a step remembers of the events of a stream is true whatever it does with those that come: with other settings, or over more tables of the same source, it goes on with it.</summary>
    private bool GoesOn(Node node) => node.Kind == "Remember" && _same.BeforeOf(node) is { } before && (before.Kind, before.Types) == (node.Kind, node.Types) && !Begins(node);

    /// <summary>Whether all sources of a step are read from the beginning: then it needs nothing from before.</summary>
    private bool Begins(Node node)
    {
        if (node.Kind != "Source") return node.Inputs.Count > 0 && node.Inputs.All(Begins);
        var source = _plan.SourceOf(node);
        var before = _same.Before.Steps.Where(s => s.Kind == "Source" && Reads(s, source.Origin.Partition)).Select(s => s.Text[(source.Origin.Partition.Length + 1)..]).ToList();
        return before.Count == 0 || source.Origin.BeginsAnew(source.Name, before);
    }

    private static bool Reads(PlanStep source, string partition) => source.Text.StartsWith($"{partition} ", StringComparison.Ordinal);
}
