using System.Text;
using System.Text.Json;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Turns the events of Debezium's Mongo connector into change events. Their documents are JSON in a text: whole as <c>after</c> and <c>before</c>, or what was changed of them as <c>updateDescription</c>.</summary>
/// <remarks>Made for one topic; used by one thread.</remarks>
/// <param name="options">How records are read.</param>
/// <param name="shape">What documents become.</param>
internal sealed class DocumentDecoder(DebeziumReadOptions options, DocumentShape shape)
{
    private const uint Text = PgTypes.Text, Jsonb = PgTypes.Jsonb;
    private readonly Dictionary<(string, string), PgTable> _tables = [];
    private readonly TupleWriter _tuple = new();

    /// <summary>Whether an event is one of documents.</summary>
    /// <param name="root">The event.</param>
    /// <param name="source">Its source.</param>
    public static bool IsOne(JsonElement root, JsonElement source) =>
        (source.ValueKind == JsonValueKind.Object && ((source.TryGetProperty("collection", out var collection) && collection.ValueKind == JsonValueKind.String) || (source.TryGetProperty("connector", out var connector) && connector.ValueEquals("mongodb"))))
        || IsText(root, "after") || IsText(root, "before");

    /// <summary>The change that an event tells of; null for an update without its document that is to be left out.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="root">The event.</param>
    /// <param name="source">Its source.</param>
    /// <param name="key">The record's key.</param>
    /// <param name="transaction">The transaction.</param>
    /// <exception cref="FormatException">It isn't of the form, or lacks the document.</exception>
    public ChangeEvent? Decode(string topic, ChangeKind kind, JsonElement root, JsonElement source, JsonElement? key, PgTransaction transaction)
    {
        var table = TableOf(topic, source);
        var (before, after) = (Document(root, "before"), Document(root, "after"));
        var update = UpdateDescription.Of(root);
        if (kind == ChangeKind.Update && after is null && before is not null && update is not null) after = update.Apply(before);
        var id = IdOf(key, after ?? before);
        if (kind == ChangeKind.Delete) return new ChangeEvent { Table = table, Kind = kind, Transaction = transaction, Lsn = default, Old = KeyTuple(id) };
        var row = after is not null ? RowTuple(id, after) : kind == ChangeKind.Update && update is not null ? PatchTuple(id, update) : throw new FormatException("it has no document in 'after'");
        return row is { } tuple ? new ChangeEvent { Table = table, Kind = kind, Transaction = transaction, Lsn = default, New = tuple } : null;
    }

    private PgTable TableOf(string topic, JsonElement source)
    {
        var parts = topic.Split('.');
        var schema = Member(source, "db") ?? (parts.Length >= 2 ? parts[^2] : "public");
        var name = Member(source, "collection") ?? parts[^1];
        if (_tables.TryGetValue((schema, name), out var table)) return table;
        return _tables[(schema, name)] = new PgTable
        {
            Oid = 0, Schema = schema, Name = name, ReplicaIdentity = PgReplicaIdentity.Default, PrimaryKey = [shape.Columns[0]],
            Columns = [.. shape.Columns.Select((column, i) => new PgColumn { Name = column, Type = shape.Members is null && i == 1 ? new PgType { Oid = Jsonb, Name = "jsonb" } : new PgType { Oid = Text, Name = "text" }, IsIdentity = i == 0, IsNotNull = i == 0 })],
        };
    }

    // The key says it as JSON in a text; so does the document, with its spaces.
    private static JsonElement IdOf(JsonElement? key, string? document)
    {
        if (key is { } keys && keys.TryGetProperty("id", out var id)) return id.ValueKind == JsonValueKind.String ? Parse(id.GetString()!, "key") : id;
        return document is not null && Parse(document, "document").TryGetProperty("_id", out var own) ? own : throw new FormatException("neither its key nor its document has an id");
    }

    private TupleData KeyTuple(JsonElement id)
    {
        Begin();
        WriteId(id);
        for (var i = 1; i < shape.Columns.Count; i++) _tuple.Null();
        return End();
    }

    private TupleData RowTuple(JsonElement id, string document)
    {
        Begin();
        WriteId(id);
        var fields = Parse(document, "document");
        if (shape.Members is null)
        {
            Write(document);
            return End();
        }

        var values = new JsonElement[shape.Columns.Count];
        foreach (var field in fields.EnumerateObject())
            if (shape.PlaceOf(field.Name) is var place and > 0) values[place] = field.Value;
        for (var i = 1; i < values.Length; i++) Write(ExtendedJson.Text(values[i]));
        return End();
    }

    // Where the document isn't there, only fields that were set or removed as a whole can be told.
    private TupleData? PatchTuple(JsonElement id, UpdateDescription update)
    {
        if (options.SkipUpdatesWithoutDocument) return null;
        var part = shape.Members is null ? update.Paths.FirstOrDefault() : update.Paths.FirstOrDefault(p => p.Contains('.', StringComparison.Ordinal) && shape.PlaceOf(p[..p.IndexOf('.', StringComparison.Ordinal)]) >= 0)
            ?? update.Truncated.Select(t => t.Path).FirstOrDefault(p => shape.PlaceOf(p) >= 0);
        if (part is not null)
        {
            throw new FormatException(
                $"it is an update of '{part}' without the document itself. Let the connector send it (capture.mode change_streams_update_full, or …_with_pre_image). Where it does, such an update is one of a document that was deleted before "
                + "the connector looked it up, and its delete follows: then say that updates without document are left out");
        }

        Begin();
        WriteId(id);
        for (var i = 1; i < shape.Columns.Count; i++)
        {
            if (update.Removed.Any(path => shape.PlaceOf(path) == i)) _tuple.Null();
            else if (update.Updated.ValueKind == JsonValueKind.Object && update.Updated.EnumerateObject().FirstOrDefault(f => shape.PlaceOf(f.Name) == i) is { Value.ValueKind: not JsonValueKind.Undefined } field) Write(ExtendedJson.Text(field.Value));
            else _tuple.Unchanged();
        }

        return End();
    }

    private void Begin()
    {
        _tuple.CutTo(0);
        _tuple.Begin();
    }

    private TupleData End() => new(_tuple.Written.ToArray());

    // Of whole documents the key is the id as JSON, since 1 and "1" are two of them.
    private void WriteId(JsonElement id) => Write(shape.Members is null ? JsonSerializer.Serialize(id, RowJson.Options) : ExtendedJson.Text(id));

    private void Write(string? text)
    {
        if (text is null) _tuple.Null();
        else Encoding.UTF8.GetBytes(text, _tuple.BeginText(Encoding.UTF8.GetByteCount(text)));
    }

    private static JsonElement Parse(string json, string what)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException e)
        {
            throw new FormatException($"its {what} isn't JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static bool IsText(JsonElement root, string side) => root.TryGetProperty(side, out var value) && value.ValueKind == JsonValueKind.String;

    private static string? Document(JsonElement root, string side) => root.TryGetProperty(side, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Member(JsonElement source, string name) => source.ValueKind == JsonValueKind.Object && source.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
