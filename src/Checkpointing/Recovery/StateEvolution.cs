namespace Pathway.Checkpointing;

/// <summary>What becomes of the states when the plan changes.</summary>
/// <param name="States">The durable name of each state of the new plan, with the name that it had in the plan before; null for one that is made anew.</param>
/// <param name="NeedsRebuild">Whether something has to be made anew or given out before the pipeline goes on, in a commit of its own.</param>
public sealed record StateEvolution(IReadOnlyDictionary<string, string?> States, bool NeedsRebuild);
