using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A file as a place of reading.</summary>
/// <param name="FilePath">As the user wrote it; the durable name where it has no other.</param>
/// <param name="Reading">How it is read.</param>
/// <param name="Quote">The quote within which lines don't end.</param>
internal sealed record FileOrigin(string FilePath, FileReading Reading, byte? Quote) : IKeptOrigin
{
    public string Partition => $"file:{Reading.Name ?? FilePath}";

    public string Description => $"file {FilePath}";

    public string? WhyNotAgain(Position? from, Position? to) => FilePosition.WhyNotAgain(FilePath, from, to);

    public ISourceReader Open(IReadOnlyList<ISource> sources) => new FileReader(this, [.. sources.Cast<IFileSource>().Select(s => s.Open())]);
}

/// <summary>Rows of one type from the records of a file.</summary>
internal interface IFileSource
{
    /// <summary>A reader of its own.</summary>
    IFileInput Open();
}

/// <summary>What makes rows of one type from the records of a file.</summary>
internal interface IFileInput
{
    /// <inheritdoc cref="IRecordReader{TRow}.HasHeader"/>
    bool HasHeader { get; }

    /// <inheritdoc cref="IRecordReader{TRow}.TakeHeader"/>
    void TakeHeader(ReadOnlySpan<byte> record);

    /// <summary>An empty buffer for its rows.</summary>
    IRowBuffer NewBuffer(int rows);

    /// <summary>Adds the row of a record; false if it holds none for us.</summary>
    /// <exception cref="JsonException">The record holds no row.</exception>
    /// <exception cref="FormatException">The record holds no row.</exception>
    bool Read(ReadOnlySpan<byte> record, IRowBuffer into);
}

/// <inheritdoc/>
internal sealed class FileSource<TLine, TRow>(FileOrigin origin, FileForm<TLine> form, Func<TLine, TRow> convert) : ISource<TRow>, IFileSource
{
    public string Name => $"{origin.Reading.Name ?? Path.GetFileName(origin.FilePath)} {form.Text}".TrimEnd();

    public ISourceOrigin Origin => origin;

    public IFileInput Open() => new Input(form.Open(), convert);

    private sealed class Input(IRecordReader<TLine> records, Func<TLine, TRow> convert) : IFileInput
    {
        public bool HasHeader => records.HasHeader;

        public void TakeHeader(ReadOnlySpan<byte> record) => records.TakeHeader(record);

        public IRowBuffer NewBuffer(int rows) => new RowBuffer<TRow>(rows);

        public bool Read(ReadOnlySpan<byte> record, IRowBuffer into)
        {
            if ((!records.ReadsBlank && record.Trim(" \t\r"u8).IsEmpty) || !records.TryRead(record, out var row)) return false;
            ((RowBuffer<TRow>)into).Add(convert(row));
            return true;
        }
    }
}

/// <summary>How far a file was read.</summary>
/// <param name="Offset">In bytes; the beginning of a record, or the end of the file.</param>
/// <param name="Lines">Lines before it.</param>
internal readonly record struct FilePosition(long Offset, long Lines)
{
    public Position ToPosition() => new(JsonSerializer.Serialize(this, JsonSerializerOptions.Web));

    /// <summary>Why the file at <paramref name="path"/> can't be read again from one place to another; null where it can.</summary>
    public static string? WhyNotAgain(string path, Position? from, Position? to)
    {
        if (to is not { } end) return null;
        var (begin, length) = (from is { } at ? Parse(at).Offset : 0, File.Exists(path) ? new FileInfo(path).Length : 0);
        if (begin > Parse(end).Offset) return "it was read further than that";
        return length < Parse(end).Offset ? $"it has {length} bytes" : null;
    }

    /// <exception cref="RefusalException">The text is no position in a file.</exception>
    public static FilePosition Parse(Position position)
    {
        try
        {
            if (JsonSerializer.Deserialize<FilePosition>(position.Text, JsonSerializerOptions.Web) is { Offset: >= 0, Lines: >= 0 } read) return read;
        }
        catch (JsonException)
        {
            // said below
        }

        throw new RefusalException("a position that no file source wrote", position.Text, "{\"offset\": …, \"lines\": …}", "Use the state directory with the pipeline that made it.");
    }
}
