using System.Buffers;
using System.Text.Json;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes values as Postgres' to_json does: numbers, booleans, JSON, arrays and hstore as what they are, times in ISO 8601, all else as its text.</summary>
/// <remarks>Composite values, whose members aren't known here, are their text as well.</remarks>
internal abstract class PlainValue
{
    private static readonly PlainValue Text = new TextValue(), Number = new NumberValue(), Boolean = new BooleanValue(), Json = new JsonValue(), Time = new TimestampValue(zoned: false), ZonedTime = new TimestampValue(zoned: true), Hstore = new HstoreValue();

    /// <summary>How values of a type are written.</summary>
    public static PlainValue Of(PgType type) => type switch
    {
        { Name: "int2vector" } => new VectorValue(Number),
        { Name: "oidvector" } => new VectorValue(Text),
        { Element: { Name: "box" } } => new BoxesValue(),
        { Element: { } element } => new ArrayValue(Of(element.DomainBase ?? element)),
        { Name: "hstore" } => Hstore,
        _ => type.Oid switch
        {
            PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 or PgTypes.Float4 or PgTypes.Float8 or PgTypes.Numeric => Number,
            PgTypes.Bool => Boolean,
            PgTypes.Json or PgTypes.Jsonb => Json,
            PgTypes.Timestamp => Time,
            PgTypes.Timestamptz => ZonedTime,
            _ => Text,
        },
    };

    /// <summary>Writes a value that isn't NULL.</summary>
    /// <param name="text">Its text as Postgres prints it.</param>
    /// <param name="json">Where it goes.</param>
    public abstract void Write(ReadOnlySpan<byte> text, Utf8JsonWriter json);

    private sealed class TextValue : PlainValue
    {
        public override void Write(ReadOnlySpan<byte> text, Utf8JsonWriter json) => json.WriteStringValue(text);
    }

    private sealed class NumberValue : PlainValue
    {
        // NaN and Infinity are no numbers of JSON.
        public override void Write(ReadOnlySpan<byte> text, Utf8JsonWriter json)
        {
            if (char.IsAsciiDigit((char)text[^1])) json.WriteRawValue(text, skipInputValidation: true);
            else json.WriteStringValue(text);
        }
    }

    private sealed class BooleanValue : PlainValue
    {
        public override void Write(ReadOnlySpan<byte> text, Utf8JsonWriter json) => json.WriteBooleanValue(text[0] == 't');
    }

    private sealed class JsonValue : PlainValue
    {
        public override void Write(ReadOnlySpan<byte> text, Utf8JsonWriter json) => json.WriteRawValue(text, skipInputValidation: true);
    }

    private sealed class TimestampValue(bool zoned) : PlainValue
    {
        // 2024-02-29 10:00:00.5+02 BC is 2024-02-29T10:00:00.5+02:00 BC; infinity stays.
        public override void Write(ReadOnlySpan<byte> text, Utf8JsonWriter json)
        {
            var space = text.IndexOf((byte)' ');
            if (space < 0)
            {
                json.WriteStringValue(text);
                return;
            }

            Span<byte> iso = stackalloc byte[text.Length + 3];
            text.CopyTo(iso);
            iso[space] = (byte)'T';
            var length = text.Length;
            var sign = zoned ? space + text[space..].LastIndexOfAny((byte)'+', (byte)'-') : -1;
            if (sign > space && !text[sign..].Contains((byte)':'))
            {
                text[(sign + 3)..].CopyTo(iso[(sign + 6)..]);
                ":00"u8.CopyTo(iso[(sign + 3)..]);
                length += 3;
            }

            json.WriteStringValue(iso[..length]);
        }
    }

    private sealed class HstoreValue : PlainValue
    {
        public override void Write(ReadOnlySpan<byte> text, Utf8JsonWriter json)
        {
            json.WriteStartObject();
            foreach (var (key, value) in HstoreText.Read(text)) json.WriteString(key, value);
            json.WriteEndObject();
        }
    }

    private sealed class ArrayValue(PlainValue element) : PlainValue
    {
        public override void Write(ReadOnlySpan<byte> text, Utf8JsonWriter json)
        {
            var reader = new ArrayText(text);
            for (var token = reader.Next(); token != ArrayText.Token.None; token = reader.Next())
            {
                switch (token)
                {
                    case ArrayText.Token.Open: json.WriteStartArray(); break;
                    case ArrayText.Token.Close: json.WriteEndArray(); break;
                    case ArrayText.Token.Null: json.WriteNullValue(); break;
                    case ArrayText.Token.Quoted when reader.Value.Contains((byte)'\\'): WriteUnescaped(reader.Value, json); break;
                    default: element.Write(reader.Value, json); break;
                }
            }
        }

        private void WriteUnescaped(ReadOnlySpan<byte> quoted, Utf8JsonWriter json)
        {
            var rented = ArrayPool<byte>.Shared.Rent(quoted.Length);
            element.Write(rented.AsSpan(0, ArrayText.Unescape(quoted, rented)), json);
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private sealed class VectorValue(PlainValue element) : PlainValue
    {
        // 1 2 3
        public override void Write(ReadOnlySpan<byte> text, Utf8JsonWriter json)
        {
            json.WriteStartArray();
            foreach (var range in text.Split((byte)' '))
                if (!text[range].IsEmpty) element.Write(text[range], json);
            json.WriteEndArray();
        }
    }

    private sealed class BoxesValue : PlainValue
    {
        // Elements of box stand with semicolons between, and with commas inside: {(1,1),(0,0);(3,3),(2,2)}
        public override void Write(ReadOnlySpan<byte> text, Utf8JsonWriter json)
        {
            for (var rest = text[text.IndexOf((byte)'{')..]; !rest.IsEmpty;)
            {
                var length = rest.IndexOfAny("{};"u8) is var at and >= 0 ? at : rest.Length;
                if (rest[..length].SequenceEqual("NULL"u8)) json.WriteNullValue();
                else if (length > 0) json.WriteStringValue(rest[..length]);
                else if (rest[0] == '{') json.WriteStartArray();
                else if (rest[0] == '}') json.WriteEndArray();
                rest = rest[Math.Max(length, 1)..];
            }
        }
    }
}
