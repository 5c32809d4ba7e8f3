namespace Pathway.Connectors.Debezium;

/// <summary>How records in the form of Debezium are read.</summary>
public sealed record DebeziumReadOptions
{
    /// <summary>
    /// Whether records are rows without envelope, as the transform ExtractNewRecordState leaves them: then a record without value, or one with <c>__deleted</c>, is a delete. Default false: records have an
    /// envelope with <c>op</c>, <c>before</c> and <c>after</c>, and those without value, which follow a delete, say nothing new.
    /// </summary>
    public bool Unwrapped { get; init; }

    /// <summary>
    /// Whether rows without envelope are Mongo's documents, as the transform ExtractNewDocumentState leaves them: the field <c>id</c> of their key, JSON in a text, is the column <c>_id</c>. Default: false.
    /// </summary>
    public bool Documents { get; init; }

    /// <summary>What stands for a large value that didn't change; Debezium's <c>unavailable.value.placeholder</c>.</summary>
    public string UnavailableValue { get; init; } = DebeziumOptions.UnavailableValue;

    /// <summary>
    /// Whether updates of Mongo's documents that come without the document (<c>after</c> is null, and neither <c>before</c> nor single fields make it good) are left out. With <c>capture.mode: change_streams_update_full</c> they tell of
    /// documents that were deleted meanwhile, whose delete follows; with <c>change_streams</c> leaving them out loses every update. Default false: they can't be read.
    /// </summary>
    public bool SkipUpdatesWithoutDocument { get; init; }

    /// <summary>Where the schemas of Avro records are; null, the default: records are JSON.</summary>
    public ISchemaSource? Schemas { get; init; }
}
