using System.Text;
using System.Text.Json;

namespace Pathway.Connectors;

/// <summary>Makes rows from the records of one file, in order.</summary>
internal interface IRecordReader<TRow>
{
    /// <summary>Whether the first record of a file names the columns. It is handed over before any other, also where reading goes on further down.</summary>
    bool HasHeader { get; }

    /// <summary>Whether records of blanks are rows.</summary>
    bool ReadsBlank { get; }

    /// <summary>Takes the first record of the file.</summary>
    /// <exception cref="FormatException">It names no columns that rows could be made of.</exception>
    void TakeHeader(ReadOnlySpan<byte> record);

    /// <summary>The row of a record; false if it is of another kind.</summary>
    /// <exception cref="JsonException">The record holds no row.</exception>
    /// <exception cref="FormatException">The record holds no row.</exception>
    bool TryRead(ReadOnlySpan<byte> record, out TRow row);
}

/// <inheritdoc/>
internal sealed class JsonRecordReader<TRow>(LineKind? kind) : IRecordReader<TRow>
{
    private readonly JsonRowReader<TRow> _rows = new();

    public bool HasHeader => false;

    public bool ReadsBlank => false;

    public void TakeHeader(ReadOnlySpan<byte> record)
    {
        // It has none.
    }

    public bool TryRead(ReadOnlySpan<byte> record, out TRow row)
    {
        var wanted = kind is null || kind.Matches(record);
        row = wanted ? _rows.Read(record) : default!;
        return wanted;
    }
}

/// <inheritdoc/>
internal sealed class TextRecordReader : IRecordReader<string>
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public bool HasHeader => false;

    public bool ReadsBlank => true;

    public void TakeHeader(ReadOnlySpan<byte> record)
    {
        // It has none.
    }

    public bool TryRead(ReadOnlySpan<byte> record, out string row)
    {
        try
        {
            row = Strict.GetString(record.EndsWith("\r"u8) ? record[..^1] : record);
            return true;
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException($"byte {e.Index} isn't UTF-8", e);
        }
    }
}
