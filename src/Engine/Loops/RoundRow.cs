namespace Pathway.Engine;

/// <summary>A row with the round in which it came or went.</summary>
/// <param name="Round">The round.</param>
/// <param name="Row">The row.</param>
/// <param name="Weight">How often it came.</param>
public readonly record struct RoundRow<TRow>(int Round, TRow Row, long Weight);
