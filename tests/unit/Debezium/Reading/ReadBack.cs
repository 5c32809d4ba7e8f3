using System.Text;
using Pathway.Connectors;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Tests.Unit.Debezium.Reading;

/// <summary>Reads records of the Debezium form as a source does.</summary>
internal sealed class ReadBack : IRecordDetails
{
    public DateTimeOffset? Time => null;

    public IReadOnlyList<KeyValuePair<string, byte[]?>> ReadHeaders() => [];

    /// <summary>The rows of some records, by one parser.</summary>
    public static List<TRow> Read<TRow>(IRecordParser<TRow> parser, params IEnumerable<(string Topic, string? Key, string? Value)> records) =>
        ReadBytes(parser, records.Select(r => (r.Topic, r.Key is null ? null : Encoding.UTF8.GetBytes(r.Key), r.Value is null ? null : Encoding.UTF8.GetBytes(r.Value))));

    /// <summary>The rows of some records, by one parser.</summary>
    public static List<TRow> ReadBytes<TRow>(IRecordParser<TRow> parser, IEnumerable<(string Topic, byte[]? Key, byte[]? Value)> records)
    {
        var (rows, offset) = (new RowBuffer<TRow>(), 0L);
        foreach (var (topic, key, value) in records)
        {
            parser.Parse(
                new SourceRecord(topic, 0, offset++, new ReadBack())
                {
                    HasKey = key is not null, Key = key, HasValue = value is not null, Value = value,
                },
                rows);
        }

        return [.. rows.Rows];
    }

    /// <summary>The values of a tuple as text; null for NULL.</summary>
    public static List<string?> Texts(TupleData tuple)
    {
        var texts = new List<string?>();
        foreach (var value in tuple)
            texts.Add(value.Kind switch { TupleData.ValueKind.Null => null, TupleData.ValueKind.Unchanged => Rows.Unchanged, _ => Encoding.UTF8.GetString(value.Bytes) });
        return texts;
    }
}
