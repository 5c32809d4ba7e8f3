using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Reads the settings of the transformation ExtractNewRecordState.</summary>
public static class UnwrapSettings
{
    /// <summary>The transformation's class in Java.</summary>
    public const string Type = "io.debezium.transforms.ExtractNewRecordState";

    /// <summary>The names that are known.</summary>
    public static IReadOnlyCollection<string> Names { get; } = 
    [
        "delete.tombstone.handling.mode", "delete.handling.mode", "drop.tombstones", "add.fields", "add.fields.prefix", "add.headers", "add.headers.prefix", "route.by.field", "replace.null.with.default",
    ];

    /// <summary>The options with a setting read into them.</summary>
    /// <exception cref="ConfigurationException">The name is unknown, or the value isn't one of those that are.</exception>
    public static UnwrapOptions Read(UnwrapOptions options, string name, string value) => name switch
    {
        "delete.tombstone.handling.mode" => With(options, options.Read with { Newer = Deletes(value.Trim()) }),
        "delete.handling.mode" => With(options, options.Read with { Handling = Choice(value, "drop", "rewrite", "none") }),
        "drop.tombstones" => With(options, options.Read with { DropsTombstones = Boolean(value) }),
        "add.fields" => options with { AddFields = List(value) },
        "add.headers" => options with { AddHeaders = List(value) },
        "add.fields.prefix" => options with { FieldPrefix = value.Trim() },
        "add.headers.prefix" => options with { HeaderPrefix = value.Trim() },
        "route.by.field" => options with { RouteByField = value.Trim() },

        // Connect's converters put the default in place of null whatever the transformation did; compatibility says what we do.
        "replace.null.with.default" => Unchanged(options, Boolean(value)),
        "drop.fields.header.name" or "drop.fields.from.key" or "drop.fields.keep.schema.compatible" =>
            throw new ConfigurationException($"'{name}' is about a header that another transformation writes, which there is none of here; leave it out, and columns with column.exclude.list."),
        _ => throw new ConfigurationException($"'{name}' is no setting of {Type} that is known here; known are {string.Join(", ", Names)}."),
    };

    private static UnwrapOptions With(UnwrapOptions options, DeleteSettings settings) => options with { Read = settings, Deletes = settings.Together };

    private static UnwrapOptions Unchanged(UnwrapOptions options, bool _) => options;

    private static bool Boolean(string value) => Choice(value, "true", "false") == "true";

    private static string Choice(string value, params string[] known) =>
        Array.Find(known, k => k.Equals(value.Trim(), StringComparison.OrdinalIgnoreCase)) ?? throw new ConfigurationException($"'{value}' isn't known; known are {string.Join(", ", known)}.");

    private static string[] List(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static UnwrapDeletes Deletes(string value) => value.ToUpperInvariant() switch
    {
        "TOMBSTONE" => UnwrapDeletes.Tombstone,
        "DROP" => UnwrapDeletes.Drop,
        "REWRITE" => UnwrapDeletes.Rewrite,
        "REWRITE-WITH-TOMBSTONE" => UnwrapDeletes.RewriteWithTombstone,
        "DELETE-TO-TOMBSTONE" => UnwrapDeletes.DeleteToTombstone,
        _ => throw new ConfigurationException($"'{value}' isn't known; known are tombstone, drop, rewrite, rewrite-with-tombstone, delete-to-tombstone."),
    };
}
