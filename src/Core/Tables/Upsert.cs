namespace Pathway.Core;

/// <summary>What a source says about one key: from now on this row stands under it, or none.</summary>
/// <remarks>
/// The old row isn't part of it: the upsert state supplies it. A source whose log leaves out unchanged large values sends a
/// <see cref="Patch"/>, which is applied to the old row.
/// </remarks>
/// <typeparam name="TKey">The type of the key.</typeparam>
/// <typeparam name="TRow">The type of the row.</typeparam>
public readonly struct Upsert<TKey, TRow>
{
    private Upsert(TKey key, TRow? row, Func<TRow, TRow>? patch, bool isDelete) => (Key, Row, Patch, IsDelete) = (key, row, patch, isDelete);

    /// <summary>The key.</summary>
    public TKey Key { get; }

    /// <summary>The new row; the default value for a delete or a patch.</summary>
    public TRow? Row { get; }

    /// <summary>Makes the new row from the old one; null where <see cref="Row"/> is whole.</summary>
    public Func<TRow, TRow>? Patch { get; }

    /// <summary>Whether no row stands under the key any more.</summary>
    public bool IsDelete { get; }

    /// <summary>The row <paramref name="row"/> stands under <paramref name="key"/>.</summary>
    public static Upsert<TKey, TRow> Put(TKey key, TRow row) => new(key, row, null, false);

    /// <summary>The row under <paramref name="key"/> becomes what <paramref name="patch"/> makes of it.</summary>
    public static Upsert<TKey, TRow> Change(TKey key, Func<TRow, TRow> patch) => new(key, default, patch, false);

    /// <summary>No row stands under <paramref name="key"/>.</summary>
    public static Upsert<TKey, TRow> Delete(TKey key) => new(key, default, null, true);
}
