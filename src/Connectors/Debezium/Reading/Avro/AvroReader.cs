using System.Buffers.Binary;
using System.Text.Json;

namespace Pathway.Connectors.Debezium;

/// <summary>Reads Avro bytes as the JSON that Kafka Connect writes for the same values: bytes in base64, unions without their branch.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="logical">Whether values come as Avro's logical types say (dates and times in ISO 8601, decimals as numbers), rather than as the types below those.</param>
internal ref partial struct AvroReader(ReadOnlySpan<byte> bytes, bool logical = false)
{
    private const int DepthMax = 64;
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Writes the value that comes next.</summary>
    /// <exception cref="FormatException">The bytes end too early, or don't fit the schema.</exception>
    public void Write(AvroNode type, Utf8JsonWriter writer, int depth = 0)
    {
        if (depth > DepthMax) throw new FormatException($"its Avro value is nested more than {DepthMax} deep");
        switch (type.Kind)
        {
            case AvroKind.Int or AvroKind.Long or AvroKind.Bytes or AvroKind.Fixed when logical && type.Logical is not null: WriteLogical(type, writer); break;
            case AvroKind.Null: writer.WriteNullValue(); break;
            case AvroKind.Boolean: writer.WriteBooleanValue(Take(1)[0] != 0); break;
            case AvroKind.Int or AvroKind.Long: writer.WriteNumberValue(Long()); break;
            case AvroKind.Float: WriteFloating(BinaryPrimitives.ReadSingleLittleEndian(Take(4)), isSingle: true, writer); break;
            case AvroKind.Double: WriteFloating(BinaryPrimitives.ReadDoubleLittleEndian(Take(8)), isSingle: false, writer); break;
            case AvroKind.Bytes: writer.WriteBase64StringValue(Take(Length())); break;
            case AvroKind.Fixed: writer.WriteBase64StringValue(Take(type.Size)); break;
            case AvroKind.String: WriteText(Take(Length()), writer); break;
            case AvroKind.Enum: writer.WriteStringValue(Index(type.Symbols.Count) is var symbol ? type.Symbols[symbol] : ""); break;
            case AvroKind.Union: Write(type.Branches[Index(type.Branches.Count)], writer, depth + 1); break;
            case AvroKind.Record:
                writer.WriteStartObject();
                foreach (var (name, field) in type.Fields)
                {
                    writer.WritePropertyName(name);
                    Write(field, writer, depth + 1);
                }

                writer.WriteEndObject();
                break;
            default: WriteBlocks(type, writer, depth); break;
        }
    }

    private void WriteBlocks(AvroNode type, Utf8JsonWriter writer, int depth)
    {
        var isMap = type.Kind == AvroKind.Map;
        if (isMap) writer.WriteStartObject();
        else writer.WriteStartArray();
        for (var count = Long(); count != 0; count = Long())
        {
            if (count < 0)
            {
                count = -count;
                Long(); // the size of the block in bytes
            }

            if (count > _bytes.Length) throw TooShort();
            for (; count > 0; count--)
            {
                if (isMap) writer.WritePropertyName(Take(Length()));
                Write(type.Branches[0], writer, depth + 1);
            }
        }

        if (isMap) writer.WriteEndObject();
        else writer.WriteEndArray();
    }

    // JSON has no such numbers; as text they are read back.
    private static void WriteFloating(double value, bool isSingle, Utf8JsonWriter writer)
    {
        if (double.IsNaN(value)) writer.WriteStringValue("NaN"u8);
        else if (double.IsInfinity(value)) writer.WriteStringValue(value > 0 ? "Infinity"u8 : "-Infinity"u8);
        else if (isSingle) writer.WriteNumberValue((float)value);
        else writer.WriteNumberValue(value);
    }

    private static void WriteText(ReadOnlySpan<byte> text, Utf8JsonWriter writer)
    {
        try
        {
            writer.WriteStringValue(text);
        }
        catch (ArgumentException e)
        {
            throw new FormatException("a text in it isn't UTF-8", e);
        }
    }

    private long Long()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return (long)(value >> 1) ^ -(long)(value & 1);
        }

        throw new FormatException("a number in its Avro bytes is longer than 64 bits");
    }

    private int Length() => Long() is var length and >= 0 && length <= _bytes.Length - _at ? (int)length : throw TooShort();

    private int Index(int count) => Long() is var index and >= 0 && index < count ? (int)index : throw new FormatException("its Avro bytes choose a branch or label that the schema doesn't have");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at) throw TooShort();
        _at += count;
        return _bytes.Slice(_at - count, count);
    }

    private readonly FormatException TooShort() => new($"its Avro value ends too early, near byte {_at} of {_bytes.Length}");
}
