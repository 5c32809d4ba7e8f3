using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Where a row stands.</summary>
/// <param name="File">The file, as seen from the folder, with <c>/</c> between names.</param>
/// <param name="Line">The line, from 1.</param>
public readonly record struct FileLine(string File, long Line);

/// <summary>The files of a folder as one place of reading.</summary>
/// <param name="Folder">As the user wrote it; part of the durable name where it has no other.</param>
/// <param name="Pattern">Which files.</param>
/// <param name="Reading">How they are read.</param>
/// <param name="Quote">The quote within which lines don't end.</param>
internal sealed record FolderOrigin(string Folder, string Pattern, FileReading Reading, byte? Quote) : ISourceOrigin
{
    public string Partition => $"folder:{Reading.Name ?? Folder}/{Pattern}";

    public string Description => $"files {Pattern} in {Folder}";

    public ISourceReader Open(IReadOnlyList<ISource> sources) => new FolderReader(this, [.. sources.Cast<IFolderSource>().Select(s => s.Open())]);
}

/// <summary>Rows of one type from the files of a folder.</summary>
internal interface IFolderSource
{
    /// <summary>A reader of its own.</summary>
    IFolderInput Open();
}

/// <summary>What makes changes of one table from the files of a folder.</summary>
internal interface IFolderInput : IFileInput
{
    /// <summary>The row of a record now stands in a place; false if the record holds none for us.</summary>
    bool Put(FileLine place, ReadOnlySpan<byte> record, IRowBuffer into);

    /// <summary>No row stands in a place.</summary>
    void Delete(FileLine place, IRowBuffer into);
}

/// <inheritdoc/>
internal sealed class FolderSource<TRow>(FolderOrigin origin, FileForm<TRow> form) : ISource<Upsert<FileLine, TRow>>, IFolderSource
{
    public string Name => $"{origin.Pattern} {form.Text}".TrimEnd();

    public ISourceOrigin Origin => origin;

    public IFolderInput Open() => new Input(form.Open());

    private sealed class Input(IRecordReader<TRow> records) : IFolderInput
    {
        public bool HasHeader => records.HasHeader;

        public void TakeHeader(ReadOnlySpan<byte> record) => records.TakeHeader(record);

        public IRowBuffer NewBuffer(int rows) => new RowBuffer<Upsert<FileLine, TRow>>(rows);

        public bool Read(ReadOnlySpan<byte> record, IRowBuffer into) => throw new InvariantException("A folder's rows need their place.");

        public bool Put(FileLine place, ReadOnlySpan<byte> record, IRowBuffer into)
        {
            if ((!records.ReadsBlank && record.Trim(" \t\r"u8).IsEmpty) || !records.TryRead(record, out var row)) return false;
            ((RowBuffer<Upsert<FileLine, TRow>>)into).Add(Upsert<FileLine, TRow>.Put(place, row));
            return true;
        }

        public void Delete(FileLine place, IRowBuffer into) => ((RowBuffer<Upsert<FileLine, TRow>>)into).Add(Upsert<FileLine, TRow>.Delete(place));
    }
}
