namespace Pathway.Engine;

/// <summary>What a round added to the count and sum of a group.</summary>
/// <param name="Round">The round.</param>
/// <param name="Count">Rows that it brought, less those it took.</param>
/// <param name="Sum">What they add to the sum.</param>
public readonly record struct RoundSum(int Round, long Count, long Sum);
