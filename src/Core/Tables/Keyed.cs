namespace Pathway.Core;

/// <summary>A row of a keyed table, beside the key that is unique in it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Row">The row that stands under it.</param>
/// <typeparam name="TKey">The type of the key.</typeparam>
/// <typeparam name="TRow">The type of the row.</typeparam>
public readonly record struct Keyed<TKey, TRow>(TKey Key, TRow Row);
