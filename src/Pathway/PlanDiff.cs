namespace Pathway;

/// <summary>What a start of a pipeline would make of the state that is there, without starting anything.</summary>
/// <param name="IsSame">Whether the plan is the one that wrote the state, or nothing was written yet.</param>
/// <param name="IsPossible">Whether it can be had; else the text says which steps can't, why, and what helps.</param>
/// <param name="Text">Every step that isn't kept as it is, one a line.</param>
public sealed record PlanDiff(bool IsSame, bool IsPossible, string Text);
