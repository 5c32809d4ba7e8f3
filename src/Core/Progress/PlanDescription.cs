namespace Pathway.Core;

/// <summary>What a pipeline computes, as far as it can be written down: compared between starts, so that state is never read by another plan than the one that wrote it.</summary>
/// <param name="Steps">Sources, operators and sinks in topological order.</param>
public sealed record PlanDescription(IReadOnlyList<PlanStep> Steps);

/// <summary>One step of a plan.</summary>
/// <param name="Path">Its stable name: the user's, else a path of kinds and names through the plan. Unique.</param>
/// <param name="Kind">Select, Where, Join, GroupBy, Source, Sink …</param>
/// <param name="Types">The types it works on, as C# writes them, with the members of row types.</param>
/// <param name="Text">The text of its lambdas or settings.</param>
/// <param name="HasState">Whether it keeps state.</param>
public sealed record PlanStep(string Path, string Kind, string Types, string Text, bool HasState);
