using System.Buffers.Text;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes where an event comes from: <c>source</c>. What is the same in all events of a table stands ready as bytes.</summary>
internal sealed class SourceEncoder
{
    private static readonly byte[][] Places = [.. new[] { "false", "first", "first_in_data_collection", "true", "last_in_data_collection", "last", "incremental" }.Select(Section.Utf8)];      // in the order of LoadPlace

    private readonly byte[] _head, _micros, _nanos, _table, _tableOutside, _lsn, _tail;
    private readonly byte[][] _snapshot;

    /// <summary>Compiles it for a table.</summary>
    public SourceEncoder(PgTable table, DebeziumOptions options, Wire wire)
    {
        var fields = EnvelopeSchema.Source.Fields.ToDictionary(field => field.Name);
        _head = Section.Compile(wire, (ref output) =>
        {
            output.BeginStruct();
            Text(fields["version"], options.Version, ref output);
            Text(fields["connector"], "postgresql", ref output);
            Text(fields["name"], options.TopicPrefix, ref output);
            output.Field(fields["ts_ms"]);
        });
        _snapshot = [.. Places.Select(place => Section.Compile(wire, (ref output) =>
        {
            output.Field(fields["snapshot"]);
            output.Text(place);
            Text(fields["db"], options.Database, ref output);
            output.Field(fields["sequence"]);
        }))];
        _micros = Section.Compile(wire, (ref output) => output.Field(fields["ts_us"]));
        _nanos = Section.Compile(wire, (ref output) => output.Field(fields["ts_ns"]));
        _table = Section.Compile(wire, (ref output) =>
        {
            Text(fields["schema"], table.Schema, ref output);
            Text(fields["table"], table.Name, ref output);
            output.Field(fields["txId"]);
        });
        _tableOutside = Section.Compile(wire, (ref output) =>
        {
            Text(fields["schema"], table.Schema, ref output);
            Text(fields["table"], table.Name, ref output);
            output.NullField(fields["txId"]);
        });
        _lsn = Section.Compile(wire, (ref output) => output.Field(fields["lsn"]));
        _tail = Section.Compile(wire, (ref output) =>
        {
            output.NullField(fields["xmin"]);
            output.NullField(fields["origin"]);
            output.NullField(fields["origin_lsn"]);
            output.EndStruct();
        });
    }

    /// <summary>The mark of a place in the initial load: false for none.</summary>
    public static ReadOnlySpan<byte> Snapshot(LoadPlace place) => Places[(int)place];

    /// <summary>Writes the struct.</summary>
    public void Write(in ChangeEvent change, ref RecordOutput output)
    {
        var transaction = change.Transaction;
        output.Raw(_head);
        output.Number(transaction.CommitMicros / 1000);
        output.Raw(_snapshot[(int)change.Place]);
        WriteSequence(change, ref output);
        output.Raw(_micros);
        output.Number(transaction.CommitMicros);
        output.Raw(_nanos);
        output.Number(transaction.CommitMicros * 1000);
        if (transaction.Xid == 0)
        {
            output.Raw(_tableOutside);
        }
        else
        {
            output.Raw(_table);
            output.Number(transaction.Xid);
        }

        output.Raw(_lsn);
        output.Number((long)change.Lsn.Value);
        output.Raw(_tail);
    }

    /// <summary>Writes ["end of the commit before","own place"] as a text, null for no commit before.</summary>
    public static void WriteSequence(in ChangeEvent change, ref RecordOutput output)
    {
        Span<byte> text = stackalloc byte[64];
        var length = 0;
        Append("["u8, text, ref length);
        if (change.Transaction.PreviousEnd is { } end) AppendQuoted(end, text, ref length);
        else Append("null"u8, text, ref length);
        Append(","u8, text, ref length);
        AppendQuoted(change.Lsn, text, ref length);
        Append("]"u8, text, ref length);
        output.Text(text[..length]);
    }

    private static void AppendQuoted(Lsn lsn, Span<byte> text, ref int length)
    {
        text[length++] = (byte)'"';
        Utf8Formatter.TryFormat(lsn.Value, text[length..], out var written);
        length += written;
        text[length++] = (byte)'"';
    }

    private static void Append(ReadOnlySpan<byte> part, Span<byte> text, ref int length)
    {
        part.CopyTo(text[length..]);
        length += part.Length;
    }

    private static void Text(ConnectField field, string text, ref RecordOutput output)
    {
        output.Field(field);
        output.Text(Section.Utf8(text));
    }
}
