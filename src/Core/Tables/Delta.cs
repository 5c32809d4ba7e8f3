namespace Pathway.Core;

/// <summary>One change of a multiset: a row and how many times it comes (positive) or goes (negative).</summary>
/// <param name="Row">The row; compared by value.</param>
/// <param name="Weight">How often; zero changes nothing.</param>
/// <typeparam name="TRow">A row type with structural equality.</typeparam>
public readonly record struct Delta<TRow>(TRow Row, long Weight);
