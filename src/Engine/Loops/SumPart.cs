namespace Pathway.Engine;

/// <summary>What some rows of a group add to its count and its sum, put together before they are handed on.</summary>
/// <param name="Group">The group.</param>
/// <param name="Count">How many rows, less those that went.</param>
/// <param name="Sum">What they add to the sum.</param>
public readonly record struct SumPart<TGroup>(TGroup Group, long Count, long Sum);
