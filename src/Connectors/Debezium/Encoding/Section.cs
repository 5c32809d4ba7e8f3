using System.Buffers;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes a part of a record.</summary>
internal delegate void WriteSection(ref RecordOutput output);

/// <summary>Parts of records that are the same in many, compiled to bytes once.</summary>
internal static class Section
{
    /// <summary>The bytes that <paramref name="write"/> writes.</summary>
    public static byte[] Compile(Wire wire, WriteSection write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var output = new RecordOutput(buffer, wire);
        write(ref output);
        output.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The text as bytes.</summary>
    public static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
