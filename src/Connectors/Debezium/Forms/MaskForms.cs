using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Asterisks in place of a text.</summary>
internal sealed class AsterisksForm(ConnectSchema schema, int length) : ColumnForm(schema)
{
    private readonly byte[] _asterisks = Encoding.ASCII.GetBytes(new string('*', length));

    /// <inheritdoc/>
    public override bool HasPlaceholder => true;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output) => output.Ascii(_asterisks);

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Ascii(_asterisks);

    /// <inheritdoc/>
    public override void WritePlaceholder(ReadOnlySpan<byte> placeholder, ref RecordOutput output) => output.Ascii(_asterisks);
}

/// <summary>The first characters of a text, or the first bytes.</summary>
internal sealed class TruncateForm(ColumnForm whole, int length) : ColumnForm(whole.Schema)
{
    private readonly ArrayBufferWriter<byte> _scratch = new();

    /// <inheritdoc/>
    public override bool MayVanish => whole.MayVanish;

    /// <inheritdoc/>
    public override bool HasPlaceholder => whole.HasPlaceholder;

    /// <inheritdoc/>
    public override bool Vanishes(ReadOnlySpan<byte> text) => whole.Vanishes(text);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        if (whole is TextForm)
        {
            output.Text(Truncate(text));
            return;
        }

        var value = Begin();
        whole.Write(text, ref value);
        End(ref value, ref output);
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output)
    {
        var value = Begin();
        whole.WriteZero(ref value);
        End(ref value, ref output);
    }

    /// <inheritdoc/>
    public override void WritePlaceholder(ReadOnlySpan<byte> placeholder, ref RecordOutput output)
    {
        var value = Begin();
        whole.WritePlaceholder(placeholder, ref value);
        End(ref value, ref output);
    }

    // Avro writes texts and bytes plainly, behind their length.
    private RecordOutput Begin()
    {
        _scratch.ResetWrittenCount();
        return new RecordOutput(_scratch, Wire.Avro);
    }

    private void End(ref RecordOutput value, ref RecordOutput output)
    {
        value.Flush();
        var plain = _scratch.WrittenSpan;
        plain = plain[(plain.IndexOfAnyInRange((byte)0, (byte)0x7F) + 1)..];
        if (Schema.Type == ConnectType.Bytes) output.Bytes(plain[..Math.Min(length, plain.Length)]);
        else output.Text(Truncate(plain));
    }

    /// <summary>Counts UTF-16 units, as Java does; a character of two is left out whole rather than halved.</summary>
    private ReadOnlySpan<byte> Truncate(ReadOnlySpan<byte> text)
    {
        if (text.Length <= length) return text;
        var units = 0;
        for (var at = 0; at < text.Length;)
        {
            var size = text[at] < 0x80 ? 1 : text[at] < 0xE0 ? 2 : text[at] < 0xF0 ? 3 : 4;
            units += size == 4 ? 2 : 1;
            if (units > length) return text[..at];
            at += size;
        }

        return text;
    }
}

/// <summary>The hash of a text, in hexadecimal, no longer than the column.</summary>
internal sealed class HashForm(ConnectSchema schema, ColumnMask mask, int columnLength) : ColumnForm(schema)
{
    private readonly HashAlgorithmName _algorithm = Masked.Algorithm(mask.Algorithm);
    private readonly byte[] _salt = Encoding.UTF8.GetBytes(mask.Salt);

    /// <inheritdoc/>
    public override bool HasPlaceholder => true;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> text, ref RecordOutput output)
    {
        using var hash = IncrementalHash.CreateHash(_algorithm);
        hash.AppendData(_salt);
        if (mask.Kind == MaskKind.HashOfSerialized) hash.AppendData(Masked.Serialized(text));
        else hash.AppendData(text);
        var hex = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset()));
        output.Ascii(hex.AsSpan(0, Math.Min(hex.Length, columnLength)));
    }

    /// <inheritdoc/>
    public override void WriteZero(ref RecordOutput output) => output.Text(default);

    /// <inheritdoc/>
    public override void WritePlaceholder(ReadOnlySpan<byte> placeholder, ref RecordOutput output) => Write(Placeholder.AsText(placeholder), ref output);
}

/// <summary>What masks have in common.</summary>
internal static class Masked
{
    private static readonly Dictionary<string, HashAlgorithmName> Algorithms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["MD5"] = HashAlgorithmName.MD5, ["SHA-1"] = HashAlgorithmName.SHA1, ["SHA"] = HashAlgorithmName.SHA1, ["SHA-256"] = HashAlgorithmName.SHA256,
        ["SHA-384"] = HashAlgorithmName.SHA384, ["SHA-512"] = HashAlgorithmName.SHA512,
        ["SHA3-256"] = HashAlgorithmName.SHA3_256, ["SHA3-384"] = HashAlgorithmName.SHA3_384, ["SHA3-512"] = HashAlgorithmName.SHA3_512,
    };

    /// <summary>A hash algorithm by its name in Java.</summary>
    public static HashAlgorithmName Algorithm(string name) => Algorithms.TryGetValue(name, out var algorithm)
        ? algorithm
        : throw new ConfigurationException($"column.mask.hash names the algorithm '{name}'; known are {string.Join(", ", Algorithms.Keys)}.");

    /// <summary>A text as Java serializes it: magic, version, the mark of a string, its length, its UTF-16 units in one to three bytes each.</summary>
    public static byte[] Serialized(ReadOnlySpan<byte> text)
    {
        var units = new List<byte>(text.Length);
        foreach (int unit in Encoding.UTF8.GetString(text))
        {
            if (unit is > 0 and < 0x80) units.Add((byte)unit);
            else if (unit < 0x800) units.AddRange([(byte)(0xC0 | (unit >> 6)), (byte)(0x80 | (unit & 0x3F))]);
            else units.AddRange([(byte)(0xE0 | (unit >> 12)), (byte)(0x80 | ((unit >> 6) & 0x3F)), (byte)(0x80 | (unit & 0x3F))]);
        }

        byte[] head = units.Count <= 0xFFFF
            ? [0xAC, 0xED, 0, 5, 0x74, (byte)(units.Count >> 8), (byte)units.Count]
            : [0xAC, 0xED, 0, 5, 0x7C, 0, 0, 0, 0, (byte)(units.Count >> 24), (byte)(units.Count >> 16), (byte)(units.Count >> 8), (byte)units.Count];
        return [.. head, .. units];
    }
}
