using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Reads the settings of the transformation ExtractNewRecordState.</summary>
public static class UnwrapSettings
{
    /// <summary>The transformation's class in Java.</summary>
    public const string Type = "io.debezium.transforms.ExtractNewRecordState";

    /// <summary>The names that are known.</summary>
    public static IReadOnlyCollection<string> Names { get; } = ["delete.tombstone.handling.mode", "add.fields", "add.fields.prefix", "add.headers", "add.headers.prefix"];

    /// <summary>The options with a setting read into them.</summary>
    /// <exception cref="ConfigurationException">The name is unknown, or the value isn't one of those that are.</exception>
    public static UnwrapOptions Read(UnwrapOptions options, string name, string value) => name switch
    {
        "delete.tombstone.handling.mode" => options with { Deletes = Deletes(value.Trim()) },
        "add.fields" => options with { AddFields = List(value) },
        "add.headers" => options with { AddHeaders = List(value) },
        "add.fields.prefix" => options with { FieldPrefix = value.Trim() },
        "add.headers.prefix" => options with { HeaderPrefix = value.Trim() },
        _ => throw new ConfigurationException($"'{name}' is no setting of {Type} that is known here; known are {string.Join(", ", Names)}."),
    };

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
