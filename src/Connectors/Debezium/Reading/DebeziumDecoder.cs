using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Turns records in the form of Debezium into change events: JSON with and without schemas, Avro with a registry; with and without envelope, of any version.</summary>
/// <remarks>One for each reader of topics; used by one thread.</remarks>
/// <param name="options">How records are read.</param>
/// <param name="documents">What documents of Mongo become.</param>
internal sealed class DebeziumDecoder(DebeziumReadOptions options, DocumentShape documents)
{
    private static readonly JsonElement NoColumns = JsonDocument.Parse("{}").RootElement; // of a truncated table whose rows weren't met yet
    private readonly Dictionary<string, ReadTables> _tables = [];
    private readonly Dictionary<int, AvroNode> _schemas = [];
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly Utf8JsonWriter _writer = new(new ArrayBufferWriter<byte>(), new JsonWriterOptions { SkipValidation = true });
    private readonly DocumentDecoder _documents = new(options, documents);
    private PgTransaction? _transaction;

    /// <summary>The change that a record tells of; null where it tells of none.</summary>
    /// <exception cref="FormatException">It isn't of the form.</exception>
    public ChangeEvent? Decode(in SourceRecord record)
    {
        if (!_tables.TryGetValue(record.Topic, out var tables)) _tables.Add(record.Topic, tables = new ReadTables(options));
        try
        {
            if (!record.HasValue) return options.Unwrapped ? DecodeTombstone(record, tables) : null;
            using var value = Open(record.Value);
            using var key = record.HasKey ? Open(record.Key) : default;
            if (value.Object is not { } root) throw new FormatException($"it holds {value.Root.ValueKind}, not an object");
            return options.Unwrapped ? DecodeRow(record, tables, value, key, root) : DecodeEnvelope(record, tables, value, key, root);
        }
        catch (JsonException e)
        {
            throw new FormatException($"it isn't JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    private ChangeEvent? DecodeEnvelope(in SourceRecord record, ReadTables tables, in RecordSide value, in RecordSide key, JsonElement root)
    {
        if (!root.TryGetProperty("op", out var op) || op.ValueKind != JsonValueKind.String)
        {
            // Begins and ends of transactions, and heartbeats, stand in topics of their own, or among the rows where those are routed together.
            if (root.TryGetProperty("status", out _) || (root.TryGetProperty("ts_ms", out _) && !root.TryGetProperty("after", out _))) return null;
            throw new FormatException("it has no 'op', so it isn't a change event in the form of Debezium. If it is a row without envelope, say so (unwrapped)");
        }

        if (!root.TryGetProperty("source", out var source)) source = default;
        var kind = op.GetString() switch
        {
            "r" => ChangeKind.Load, "c" => ChangeKind.Insert, "u" => ChangeKind.Update, "d" => ChangeKind.Delete, "t" => ChangeKind.Truncate, "m" => ChangeKind.Message,
            var other => throw new FormatException($"its op is '{other}'; r, c, u, d, t and m are known"),
        };
        if (kind == ChangeKind.Message) return null;
        if (DocumentDecoder.IsOne(root, source)) return _documents.Decode(record.Topic, kind, root, source, key.Object, TransactionOf(source, root));
        var (schema, name) = Place(record.Topic, source);
        var (before, after) = (Row(root, "before"), Row(root, "after"));
        var keys = key.Object;
        var row = kind == ChangeKind.Delete ? before ?? keys : after;
        if (row is null && kind != ChangeKind.Truncate) throw new FormatException($"its op is '{op.GetString()}', and it has no {(kind == ChangeKind.Delete ? "'before' and no key" : "'after'")}");
        var table = value.HasSchema ? tables.OfSchema(schema, name, value, key) : tables.OfRow(schema, name, row ?? NoColumns, keys);
        return new ChangeEvent
        {
            Table = table.Table, Kind = kind, Transaction = TransactionOf(source, root), Lsn = new Lsn(Number(source, "lsn") is { } lsn ? (ulong)lsn : 0),
            Old = kind == ChangeKind.Delete ? table.TupleOf(keys ?? row!.Value) : default,
            New = kind is ChangeKind.Delete or ChangeKind.Truncate ? default : table.TupleOf(row!.Value),
        };
    }

    private ChangeEvent DecodeRow(in SourceRecord record, ReadTables tables, in RecordSide value, in RecordSide key, JsonElement root)
    {
        var (schema, name) = PlaceOfTopic(record.Topic);
        var table = value.HasSchema ? tables.OfSchema(schema, name, value, key) : tables.OfRow(schema, name, root, key.Object);
        var isDelete = root.TryGetProperty("__deleted", out var deleted) && (deleted.ValueKind == JsonValueKind.True || (deleted.ValueKind == JsonValueKind.String && deleted.ValueEquals("true")));
        return new ChangeEvent
        {
            Table = table.Table, Kind = isDelete ? ChangeKind.Delete : ChangeKind.Insert, Transaction = TransactionOf(default, root), Lsn = default,
            Old = isDelete ? key.Object is { } keys ? table.TupleOfKey(keys) : table.TupleOf(root) : default,
            New = isDelete ? default : table.TupleOf(root),
        };
    }

    private ChangeEvent DecodeTombstone(in SourceRecord record, ReadTables tables)
    {
        if (!record.HasKey) throw new FormatException("it has neither key nor value, so nothing says which row was deleted");
        using var key = Open(record.Key);
        if (key.Object is not { } keys) throw new FormatException("its key is no object of columns");
        var (schema, name) = PlaceOfTopic(record.Topic);
        var table = tables.Last ?? tables.OfKey(schema, name, keys);
        return new ChangeEvent { Table = table.Table, Kind = ChangeKind.Delete, Transaction = TransactionOf(default, default), Lsn = default, Old = table.TupleOfKey(keys) };
    }

    private PgTransaction TransactionOf(JsonElement source, JsonElement root)
    {
        var (xid, lsn) = ((uint)(Number(source, "txId") ?? 0), new Lsn((ulong)(Number(source, "lsn") ?? 0)));
        var micros = Number(source, "ts_us") ?? (Number(source, "ts_ms") ?? Number(root, "ts_ms") ?? 0) * 1000;
        if (_transaction is null || _transaction.Xid != xid || _transaction.CommitMicros != micros) _transaction = new PgTransaction(xid, lsn, micros, null);
        return _transaction;
    }

    // JSON never begins with a zero byte, Avro with a registry's number always does.
    private RecordSide Open(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [0, ..]) return RecordSide.OfJson(bytes);
        if (options.Schemas is not { } registry) throw new FormatException("it is Avro with a schema registry's number, and no registry is given");
        if (bytes.Length < 5) throw new FormatException($"it has {bytes.Length} bytes, which is too short for the number of an Avro schema");
        var id = BinaryPrimitives.ReadInt32BigEndian(bytes[1..]);
        if (!_schemas.TryGetValue(id, out var schema)) _schemas.Add(id, schema = AvroNode.Parse(registry.SchemaOf(id)));
        _json.ResetWrittenCount();
        _writer.Reset(_json);
        new AvroReader(bytes[5..]).Write(schema, _writer);
        _writer.Flush();
        return RecordSide.OfAvro(schema, _json.WrittenSpan);
    }

    private static JsonElement? Row(JsonElement root, string side) => root.TryGetProperty(side, out var row) && row.ValueKind == JsonValueKind.Object ? row : null;

    private static long? Number(JsonElement source, string member) =>
        source.ValueKind == JsonValueKind.Object && source.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static (string Schema, string Name) Place(string topic, JsonElement source)
    {
        if (source.ValueKind != JsonValueKind.Object || !source.TryGetProperty("table", out var table) || table.ValueKind != JsonValueKind.String) return PlaceOfTopic(topic);
        // Connectors of databases without schemas name the database.
        var schema = source.TryGetProperty("schema", out var found) && found.ValueKind == JsonValueKind.String ? found.GetString()! : source.TryGetProperty("db", out var database) && database.ValueKind == JsonValueKind.String ? database.GetString()! : "public";
        return (schema, table.GetString()!);
    }

    /// <summary>"prefix.schema.table", as topics are named.</summary>
    private static (string Schema, string Name) PlaceOfTopic(string topic)
    {
        var parts = topic.Split('.');
        return parts.Length >= 2 ? (parts[^2], parts[^1]) : ("public", topic);
    }
}
