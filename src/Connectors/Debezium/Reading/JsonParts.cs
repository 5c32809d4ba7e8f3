using System.Text.Json;

namespace Pathway.Connectors.Debezium;

/// <summary>Key or value of a record in JSON: with its schema (<c>schemas.enable=true</c>: an object of <c>schema</c> and <c>payload</c>), or bare.</summary>
internal readonly ref struct JsonParts
{
    /// <summary>The schema's text; empty where there is none.</summary>
    public ReadOnlySpan<byte> Schema { get; private init; }

    /// <summary>The text of what is carried; <c>null</c> stands as such.</summary>
    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <exception cref="JsonException">It isn't JSON.</exception>
    public static JsonParts Of(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return new JsonParts { Payload = json };
        ReadOnlySpan<byte> schema = default, payload = default;
        var (hasSchema, hasPayload) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isSchema, isPayload) = (reader.ValueTextEquals("schema"u8), reader.ValueTextEquals("payload"u8));
            if (!isSchema && !isPayload) return new JsonParts { Payload = json };
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isSchema && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null)) return new JsonParts { Payload = json };
            reader.Skip();
            var text = json[start..(int)reader.BytesConsumed];
            if (isSchema) schema = text;
            else payload = text;
            (hasSchema, hasPayload) = (hasSchema || isSchema, hasPayload || isPayload);
        }

        return hasSchema && hasPayload ? new JsonParts { Schema = schema.SequenceEqual("null"u8) ? default : schema, Payload = payload } : new JsonParts { Payload = json };
    }
}
