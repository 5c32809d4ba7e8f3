using System.Buffers;
using System.Text;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes where an event comes from: <c>source</c>, and <c>transaction</c>, which is null.</summary>
internal sealed class SourceEncoder(PgTable table, DebeziumOptions options)
{
    private static readonly string[] Snapshots = ["false", "first", "first_in_data_collection", "true", "last_in_data_collection", "last"];       // in the order of LoadPlace

    private readonly byte[] _head = Json($",\"source\":{{\"version\":{options.Version},\"connector\":{"postgresql"},\"name\":{options.TopicPrefix},\"ts_ms\":");
    private readonly byte[][] _snapshot = [.. Snapshots.Select(snapshot => Json($",\"snapshot\":{snapshot},\"db\":{options.Database},\"sequence\":\"["))];
    private readonly byte[] _table = Json($",\"schema\":{table.Schema},\"table\":{table.Name},\"txId\":");

    /// <summary>Writes the block, and the label of the operation behind it.</summary>
    public void Write(in ChangeEvent change, ref JsonOutput json)
    {
        var transaction = change.Transaction;
        json.Raw(_head);
        json.Number(transaction.CommitMicros / 1000);
        json.Raw(_snapshot[(int)change.Place]);
        if (transaction.PreviousEnd is { } end)
        {
            json.Raw("\\\""u8);
            json.Number((long)end.Value);
            json.Raw("\\\""u8);
        }
        else
        {
            json.Raw("null"u8);
        }

        json.Raw(",\\\""u8);
        json.Number((long)change.Lsn.Value);
        json.Raw("\\\"]\",\"ts_us\":"u8);
        json.Number(transaction.CommitMicros);
        json.Raw(",\"ts_ns\":"u8);
        json.Number(transaction.CommitMicros * 1000);
        json.Raw(_table);
        json.Number(transaction.Xid);
        json.Raw(",\"lsn\":"u8);
        json.Number((long)change.Lsn.Value);
        json.Raw(",\"xmin\":null,\"origin\":null,\"origin_lsn\":null},\"transaction\":null,\"op\":\""u8);
    }

    /// <summary>The JSON text with its holes filled by JSON strings.</summary>
    private static byte[] Json(FormattableString text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var json = new JsonOutput(buffer);
        var rest = text.Format.Replace("{{", "{", StringComparison.Ordinal);
        for (var i = 0; i < text.ArgumentCount; i++)
        {
            var hole = $"{{{i}}}";
            var at = rest.IndexOf(hole, StringComparison.Ordinal);
            json.Raw(Encoding.UTF8.GetBytes(rest[..at]));
            json.Text(Encoding.UTF8.GetBytes((string)text.GetArgument(i)!));
            rest = rest[(at + hole.Length)..];
        }

        json.Raw(Encoding.UTF8.GetBytes(rest));
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
