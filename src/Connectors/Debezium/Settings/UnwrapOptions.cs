namespace Pathway.Connectors.Debezium;

/// <summary>Plain rows in place of envelopes, as the transformation ExtractNewRecordState makes them.</summary>
public sealed record UnwrapOptions
{
    /// <summary>What becomes of deletes (<c>delete.tombstone.handling.mode</c>). Default: a record without value.</summary>
    public UnwrapDeletes Deletes { get; init; }

    /// <summary>What stands before the names of added fields (<c>add.fields.prefix</c>). Default: two underscores.</summary>
    public string FieldPrefix { get; init; } = "__";

    /// <summary>What stands before the names of added headers (<c>add.headers.prefix</c>). Default: two underscores.</summary>
    public string HeaderPrefix { get; init; } = "__";

    /// <summary>Parts of the envelope that are added as fields: op, lsn, source.ts_ms, transaction.id; with another name after a colon (<c>add.fields</c>). Default: none.</summary>
    public IReadOnlyList<string> AddFields { get; init; } = [];

    /// <summary>The field that says the topic of each row, a text; a row without one goes to its table's topic (<c>route.by.field</c>). Default: none.</summary>
    public string RouteByField { get; init; } = "";

    /// <summary>Parts of the envelope that are added as headers (<c>add.headers</c>). Default: none.</summary>
    public IReadOnlyList<string> AddHeaders { get; init; } = [];

    /// <summary>The settings about deletes that were read, of which older versions have two that say together what <see cref="Deletes"/> says.</summary>
    internal DeleteSettings Read { get; init; } = new();
}

/// <summary>The settings about deletes, of the newer name and of the older ones.</summary>
/// <param name="Newer">What <c>delete.tombstone.handling.mode</c> says; null where it wasn't read. It holds where both are there.</param>
/// <param name="Handling"><c>delete.handling.mode</c>.</param>
/// <param name="DropsTombstones"><c>drop.tombstones</c>.</param>
internal sealed record DeleteSettings(UnwrapDeletes? Newer = null, string Handling = "drop", bool DropsTombstones = true)
{
    /// <summary>What they say together.</summary>
    public UnwrapDeletes Together => Newer ?? (Handling, DropsTombstones) switch
    {
        ("drop", true) => UnwrapDeletes.Drop,
        ("drop", false) => UnwrapDeletes.DeleteToTombstone,
        ("rewrite", true) => UnwrapDeletes.Rewrite,
        ("rewrite", false) => UnwrapDeletes.RewriteWithTombstone,
        _ => UnwrapDeletes.Tombstone,
    };
}

/// <summary>What becomes of deletes in plain rows.</summary>
public enum UnwrapDeletes
{
    /// <summary>A record without value (<c>tombstone</c>).</summary>
    Tombstone,

    /// <summary>Nothing (<c>drop</c>).</summary>
    Drop,

    /// <summary>The old row with __deleted = "true" (<c>rewrite</c>).</summary>
    Rewrite,

    /// <summary>The old row with __deleted = "true", then a record without value (<c>rewrite-with-tombstone</c>).</summary>
    RewriteWithTombstone,

    /// <summary>The delete itself becomes the record without value (<c>delete-to-tombstone</c>).</summary>
    DeleteToTombstone,
}
