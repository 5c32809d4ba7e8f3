using System.Text;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>What differs between the plan that wrote a state and the plan that wants to read it.</summary>
/// <param name="New">Steps that the state doesn't know.</param>
/// <param name="Gone">Steps that the plan has no more.</param>
/// <param name="Changed">Steps of the same path with other types or text.</param>
/// <param name="Kept">How many steps are the same.</param>
public sealed record PlanDifference(IReadOnlyList<PlanStep> New, IReadOnlyList<PlanStep> Gone, IReadOnlyList<(PlanStep Before, PlanStep After)> Changed, int Kept)
{
    /// <summary>Whether both plans are the same.</summary>
    public bool IsNone => New.Count == 0 && Gone.Count == 0 && Changed.Count == 0;

    /// <summary>Whether a step that keeps state changed its types: what it stored can't be read by it.</summary>
    public bool BreaksState => Changed.Any(c => (c.Before.HasState || c.After.HasState) && (c.Before.Types != c.After.Types || c.Before.Kind != c.After.Kind));

    /// <summary>Compares two plans.</summary>
    public static PlanDifference Between(PlanDescription before, PlanDescription after)
    {
        var old = before.Steps.ToDictionary(s => s.Path, StringComparer.Ordinal);
        var fresh = after.Steps.Where(s => !old.ContainsKey(s.Path)).ToList();
        var paths = after.Steps.Select(s => s.Path).ToHashSet(StringComparer.Ordinal);
        var gone = before.Steps.Where(s => !paths.Contains(s.Path)).ToList();
        var both = after.Steps.Where(s => old.ContainsKey(s.Path)).Select(s => (Before: old[s.Path], After: s)).ToList();
        var changed = both.Where(b => b.Before != b.After).ToList();
        return new PlanDifference(fresh, gone, changed, both.Count - changed.Count);
    }

    /// <summary>The difference as lines for people.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append("kept ").Append(Kept).Append(" step(s)");
        foreach (var step in New) text.Append("\n  new      ").Append(Line(step));
        foreach (var step in Gone) text.Append("\n  gone     ").Append(Line(step));
        foreach (var (before, after) in Changed) text.Append("\n  changed  ").Append(Line(before)).Append("\n        to ").Append(Line(after));
        return text.ToString();
    }

    private static string Line(PlanStep step) => $"{step.Path}: {step.Kind} {step.Types} {step.Text}".TrimEnd();
}
