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
    private Upsert(TKey key, TRow? row, Patch<TKey, TRow>? patch, UpsertKind kind) => (Key, Row, Patch, Kind) = (key, row, patch, kind);

    /// <summary>What is said.</summary>
    public UpsertKind Kind { get; }

    /// <summary>The key; the default value for what concerns all keys.</summary>
    public TKey Key { get; }

    /// <summary>The new row; the default value for everything but <see cref="UpsertKind.Put"/>.</summary>
    public TRow? Row { get; }

    /// <summary>How the new row comes from the old one; null for everything but <see cref="UpsertKind.Change"/>.</summary>
    public Patch<TKey, TRow>? Patch { get; }

    /// <summary>Whether no row stands under the key any more.</summary>
    public bool IsDelete => Kind == UpsertKind.Delete;

    /// <summary>Whether it concerns the whole table.</summary>
    public bool IsOfAllKeys => Kind >= UpsertKind.Clear;

    /// <summary>The row <paramref name="row"/> stands under <paramref name="key"/>.</summary>
    public static Upsert<TKey, TRow> Put(TKey key, TRow row) => new(key, row, null, UpsertKind.Put);

    /// <summary>The row under <paramref name="key"/> becomes what <paramref name="patch"/> makes of it.</summary>
    public static Upsert<TKey, TRow> Change(TKey key, Func<TRow, TRow> patch) => Change(key, new Patch<TKey, TRow>(key, patch));

    /// <summary>What <paramref name="patch"/> makes of a row stands under <paramref name="key"/>.</summary>
    public static Upsert<TKey, TRow> Change(TKey key, Patch<TKey, TRow> patch) => new(key, default, patch, UpsertKind.Change);

    /// <summary>No row stands under <paramref name="key"/>.</summary>
    public static Upsert<TKey, TRow> Delete(TKey key) => new(key, default, null, UpsertKind.Delete);

    /// <summary>No row stands under any key.</summary>
    public static Upsert<TKey, TRow> Clear() => new(default!, default, null, UpsertKind.Clear);

    /// <summary>From here on every row that is there will be said again.</summary>
    public static Upsert<TKey, TRow> LoadBegin() => new(default!, default, null, UpsertKind.LoadBegin);

    /// <summary>All were said again: no row stands under keys of which nothing was said since <see cref="LoadBegin"/>.</summary>
    public static Upsert<TKey, TRow> LoadEnd() => new(default!, default, null, UpsertKind.LoadEnd);
}

/// <summary>The kinds of <see cref="Upsert{TKey, TRow}"/>.</summary>
public enum UpsertKind : byte
{
    /// <summary>A row stands under the key.</summary>
    Put,

    /// <summary>A row that comes from the old one stands under the key.</summary>
    Change,

    /// <summary>None does.</summary>
    Delete,

    /// <summary>The table is empty.</summary>
    Clear,

    /// <summary>The table will be said again.</summary>
    LoadBegin,

    /// <summary>The table was said again.</summary>
    LoadEnd,
}

/// <summary>How a new row comes from an old one.</summary>
/// <param name="From">The key of the old row. Where the new one stands under another key, the old one is gone.</param>
/// <param name="Apply">Makes the new row from the old one.</param>
/// <param name="OnlyIfKnown">Whether it is left out where there is no old row, since the source will still bring the whole row; else that is an error.</param>
/// <typeparam name="TKey">The type of the key.</typeparam>
/// <typeparam name="TRow">The type of the row.</typeparam>
public sealed record Patch<TKey, TRow>(TKey From, Func<TRow, TRow> Apply, bool OnlyIfKnown = false);
