namespace Pathway.Core;

/// <summary>What a pipeline computes, as far as it can be written down: compared between starts, so that state is never read by another plan than the one that wrote it.</summary>
/// <param name="Steps">Sources, operators and sinks in topological order.</param>
public sealed record PlanDescription(IReadOnlyList<PlanStep> Steps)
{
    /// <summary>Whether <paramref name="other"/> computes the same, as far as can be told.</summary>
    public bool IsSameAs(PlanDescription other) => Steps.Count == other.Steps.Count && Steps.Zip(other.Steps).All(pair => pair.First.IsSameAs(pair.Second));
}

/// <summary>One step of a plan.</summary>
/// <param name="Path">Its stable name: the user's, else a path of kinds and names through the plan. Unique.</param>
/// <param name="Kind">Select, Where, Join, GroupBy, Source, Sink …</param>
/// <param name="Types">The types it works on, as C# writes them, with the members of row types.</param>
/// <param name="Text">The text of its lambdas or settings.</param>
/// <param name="HasState">Whether it keeps state.</param>
/// <param name="Inputs">The paths of the steps that it reads; null where a version wrote it that didn't record them.</param>
public sealed record PlanStep(string Path, string Kind, string Types, string Text, bool HasState, IReadOnlyList<string>? Inputs = null)
{
    /// <summary>Whether <paramref name="other"/> is the same step; inputs that weren't recorded are taken as equal, since the paths mostly hold them.</summary>
    public bool IsSameAs(PlanStep other) =>
        (Path, Kind, Types, HasState) == (other.Path, other.Kind, other.Types, other.HasState) && SaysTheSame(other.Text) && (Inputs is null || other.Inputs is null || Inputs.SequenceEqual(other.Inputs, StringComparer.Ordinal));

    /// <summary>Whether the step would be the same with <paramref name="text"/>: of a place each letter counts, of lambdas what they say.</summary>
    public bool SaysTheSame(string text) => Text == text || (Kind is not ("Source" or "Sink") && LambdaText.AreSame(Text, text));
}
