namespace Pathway.Core;

/// <summary>A row that a step couldn't take in, since a function of the user's threw on it.</summary>
/// <param name="Step">The step: its name, or its path in the plan.</param>
/// <param name="Row">The row as text, cut where it is long; of a join both rows, of a group its key.</param>
/// <param name="Message">What the function said.</param>
public sealed record RowError(string Step, string Row, string Message);
