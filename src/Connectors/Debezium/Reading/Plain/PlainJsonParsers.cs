using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Parsers of plain JSON: each record is a row as it is now, under its key; one without value says that the row is gone.</summary>
public static class PlainJsonParsers
{
    /// <summary>The rows as a stream of change events, as from a database itself: what a sync forwards.</summary>
    /// <remarks>
    /// Tables are called as the last two parts of the topic's name. Columns are the members of a record; numbers are numeric, true and false boolean, texts text, objects and arrays jsonb, and a column that held several of these is text.
    /// A member that a record leaves out is no column of it.
    /// </remarks>
    /// <param name="key">The columns of the key, which are members of the value, or of the record's key; empty for those of the record's key, an object.</param>
    public static IRecordParser<ChangeEvent> Changes(IReadOnlyList<string> key) => new Parser(key);

    private sealed class Parser(IReadOnlyList<string> key) : IRecordParser<ChangeEvent>
    {
        private readonly PlainDecoder _decoder = new(key);

        public void Parse(in SourceRecord record, RowBuffer<ChangeEvent> rows) => rows.Add(_decoder.Decode(record));
    }
}
