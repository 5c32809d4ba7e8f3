using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Turns bytes into a value. Synchronous; called by one reader.</summary>
/// <typeparam name="T">The value.</typeparam>
public interface IParser<out T>
{
    /// <summary>The value that <paramref name="bytes"/> hold; they live until the call returns.</summary>
    /// <exception cref="FormatException">They hold none; the message says what is wrong, and where.</exception>
    T Parse(ReadOnlySpan<byte> bytes);
}

/// <summary>Turns records of a partitioned log into rows. Synchronous; called by one reader, record by record in the order of each partition.</summary>
/// <typeparam name="TRow">The rows.</typeparam>
public interface IRecordParser<TRow>
{
    /// <summary>Adds the rows of <paramref name="record"/>: none, one or several. What throws has added none.</summary>
    /// <exception cref="FormatException">It holds none; the message says what is wrong, and where.</exception>
    void Parse(in SourceRecord record, RowBuffer<TRow> rows);
}
