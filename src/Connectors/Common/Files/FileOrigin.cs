using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A file as a place of reading.</summary>
/// <param name="FilePath">As the user wrote it; part of the durable name.</param>
internal sealed record FileOrigin(string FilePath) : ISourceOrigin
{
    public string Partition => $"file:{FilePath}";

    public string Description => $"file {FilePath}";

    public ISourceReader Open(IReadOnlyList<ISource> sources) => new FileReader(this, [.. sources.Cast<IFileSource>()]);
}

/// <summary>Rows of one type from the lines of a file.</summary>
internal interface IFileSource
{
    /// <summary>An empty buffer for its rows.</summary>
    IRowBuffer NewBuffer(int rows);

    /// <summary>Adds the row of a line.</summary>
    /// <exception cref="JsonException">The line holds no such row.</exception>
    void Read(ReadOnlySpan<byte> line, IRowBuffer into);
}

/// <inheritdoc/>
internal sealed class FileSource<TLine, TRow>(FileOrigin origin, LineKind? kind, Func<TLine, TRow> convert) : ISource<TRow>, IFileSource
{
    private readonly JsonRowReader<TLine> _reader = new();

    public string Name => kind is null ? Path.GetFileName(origin.FilePath) : $"{Path.GetFileName(origin.FilePath)} where {kind}";

    public ISourceOrigin Origin => origin;

    public IRowBuffer NewBuffer(int rows) => new RowBuffer<TRow>(rows);

    public void Read(ReadOnlySpan<byte> line, IRowBuffer into)
    {
        if (kind is null || kind.Matches(line)) ((RowBuffer<TRow>)into).Add(convert(_reader.Read(line)));
    }
}

/// <summary>How far a file was read.</summary>
/// <param name="Offset">In bytes; the beginning of a line, or the end of the file.</param>
/// <param name="Lines">Lines before it.</param>
internal sealed record FilePosition(long Offset, long Lines)
{
    public Position ToPosition() => new(JsonSerializer.Serialize(this, JsonSerializerOptions.Web));

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
