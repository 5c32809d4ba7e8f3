namespace Pathway.Connectors.Debezium;

/// <summary>The types of Kafka Connect's data model.</summary>
internal enum ConnectType
{
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
    Boolean,
    String,
    Bytes,
    Array,
    Map,
    Struct,
}

/// <summary>The schema of a value in Kafka Connect's data model: what JSON schemas and Avro schemas are both derived from.</summary>
internal sealed record ConnectSchema(ConnectType Type)
{
    /// <summary>Whether the value may be null.</summary>
    public bool IsOptional { get; init; }

    /// <summary>What the value means beyond its type: io.debezium.time.Date; null for nothing.</summary>
    public string? Name { get; init; }

    /// <summary>The version of <see cref="Name"/>.</summary>
    public int? Version { get; init; }

    /// <summary>A remark for readers of the schema.</summary>
    public string? Doc { get; init; }

    /// <summary>Parameters in the order in which they were set, which is the order in which they are written.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>The default as JSON in the form of JsonConverter (bytes as base64); null for none.</summary>
    public byte[]? DefaultJson { get; init; }

    /// <summary>The fields of a struct.</summary>
    public IReadOnlyList<ConnectField> Fields { get; init; } = [];

    /// <summary>The elements of an array, the values of a map.</summary>
    public ConnectSchema? Items { get; init; }

    /// <summary>The keys of a map.</summary>
    public ConnectSchema? Keys { get; init; }

    /// <summary>The schema of a named type.</summary>
    public static ConnectSchema Named(ConnectType type, string name, int version = 1) => new(type) { Name = name, Version = version };
}

/// <summary>A field of a struct.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Schema">Its schema.</param>
internal sealed record ConnectField(string Name, ConnectSchema Schema);
