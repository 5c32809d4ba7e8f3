using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>How rows stand in a file: <see cref="FileForm.Json{TRow}"/>, <see cref="FileForm.Csv{TRow}"/> or <see cref="FileForm.Text"/>. Compared by value.</summary>
/// <typeparam name="TRow">The rows.</typeparam>
public abstract record FileForm<TRow>
{
    private protected FileForm()
    {
    }

    /// <summary>The quote within which a line's end is part of a value; null where every line's end ends a record.</summary>
    internal abstract byte? Quote { get; }

    /// <summary>For people and for the plan; "" for the usual form.</summary>
    internal abstract string Text { get; }

    /// <summary>A reader for one file.</summary>
    internal abstract IRecordReader<TRow> Open();
}

/// <summary>The forms of files.</summary>
public static class FileForm
{
    /// <summary>Lines of plain text: each is a row, blank ones, too.</summary>
    public static FileForm<string> Text { get; } = new TextForm();

    /// <summary>JSON objects, one a line; members are found by name, in any case (<see cref="RowJson"/>). Blank lines are left out.</summary>
    /// <param name="kind">Which lines are rows, where the file holds others, too; null for all.</param>
    public static FileForm<TRow> Json<TRow>(LineKind? kind = null) => new JsonForm<TRow>(kind);

    /// <summary>Values with separators between them (RFC 4180), found by the names in the first record.</summary>
    /// <param name="options">Separator, quote, header; null for comma, double quote and a header.</param>
    /// <exception cref="ConfigurationException">A member of the row can't be read from a text.</exception>
    public static FileForm<TRow> Csv<TRow>(CsvOptions? options = null)
    {
        (options ?? new CsvOptions()).Check();
        CsvRows<TRow>.Check();
        return new CsvForm<TRow>(options ?? new CsvOptions());
    }

    private sealed record TextForm : FileForm<string>
    {
        internal override byte? Quote => null;

        internal override string Text => "text";

        internal override IRecordReader<string> Open() => new TextRecordReader();
    }

    private sealed record JsonForm<TRow>(LineKind? Kind) : FileForm<TRow>
    {
        internal override byte? Quote => null;

        internal override string Text => Kind is null ? "" : $"where {Kind}";

        internal override IRecordReader<TRow> Open() => new JsonRecordReader<TRow>(Kind);
    }

    private sealed record CsvForm<TRow>(CsvOptions Options) : FileForm<TRow>
    {
        internal override byte? Quote => (byte)Options.Quote;

        internal override string Text => "CSV";

        internal override IRecordReader<TRow> Open() => new CsvRecordReader<TRow>(Options);
    }
}
