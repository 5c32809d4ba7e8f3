using Pathway.Core;

namespace Pathway;

/// <summary>A row of a table that came or went.</summary>
/// <param name="Row">The row.</param>
/// <param name="Weight">How often it came (positive) or went (negative).</param>
/// <param name="Time">The epoch.</param>
/// <typeparam name="TRow">The row.</typeparam>
public readonly record struct Change<TRow>(TRow Row, long Weight, Epoch Time);

/// <summary>What became of a key of a table.</summary>
/// <param name="Key">The key.</param>
/// <param name="HasRow">Whether a row stands under it now.</param>
/// <param name="Row">The row; the default value where there is none any more.</param>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The row.</typeparam>
public readonly record struct KeyedChange<TKey, TRow>(TKey Key, bool HasRow, TRow? Row);
