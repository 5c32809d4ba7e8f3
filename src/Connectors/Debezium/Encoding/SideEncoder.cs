using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes records that aren't about rows: begins and ends of transactions, logical messages, heartbeats. There are few of them.</summary>
internal sealed class SideEncoder
{
    private readonly DebeziumOptions _options;
    private readonly Wire _wire;
    private readonly SourceEncoder _source;
    private readonly TransactionEncoder _transaction;
    private readonly string _transactions, _messages, _heartbeats;
    private readonly RecordFrame _transactionKey, _transactionValue, _messageKey, _messageValue, _heartbeatKey, _heartbeatValue;

    /// <summary>Makes it.</summary>
    public SideEncoder(DebeziumOptions options, Serialization serialization)
    {
        (_options, _wire) = (options, serialization.Wire);
        _source = new SourceEncoder(StreamEvents.NoTable, options, _wire);
        _transaction = new TransactionEncoder(_wire);
        (_transactions, _messages, _heartbeats) = (TopicNames.OfTransactions(options), TopicNames.OfMessages(options), TopicNames.OfHeartbeats(options));
        _transactionKey = new RecordFrame(serialization, _transactions, isKey: true, SideSchemas.TransactionKey);
        _transactionValue = new RecordFrame(serialization, _transactions, isKey: false, SideSchemas.TransactionValue);
        _messageKey = new RecordFrame(serialization, _messages, isKey: true, SideSchemas.MessageKey);
        _messageValue = new RecordFrame(serialization, _messages, isKey: false, SideSchemas.MessageValue);
        _heartbeatKey = new RecordFrame(serialization, _heartbeats, isKey: true, SideSchemas.HeartbeatKey);
        _heartbeatValue = new RecordFrame(serialization, _heartbeats, isKey: false, SideSchemas.HeartbeatValue);
    }

    /// <summary>A transaction begins.</summary>
    public void WriteBegin(in ChangeEvent begin, OutputBuffer output) => WriteTransaction("BEGIN", begin, counter: null, output);

    /// <summary>A transaction ended.</summary>
    public void WriteEnd(in ChangeEvent commit, TransactionCounter counter, OutputBuffer output) => WriteTransaction("END", commit, counter, output);

    /// <summary>The source is alive.</summary>
    public void WriteHeartbeat(in BatchClock clock, OutputBuffer output)
    {
        var millis = clock.Millis;
        output.BeginRow(output.Destination(_heartbeats));
        Write(_heartbeatKey, isKey: true, output, (ref key) =>
        {
            key.Field(SideSchemas.HeartbeatKey.Fields[0]);
            key.Text(Section.Utf8(_options.TopicPrefix));
        });
        Write(_heartbeatValue, isKey: false, output, (ref value) =>
        {
            value.Field(SideSchemas.HeartbeatValue.Fields[0]);
            value.Number(millis);
        });
        output.EndRow();
    }

    /// <summary>Whether a logical message is carried.</summary>
    public bool Wants(in ChangeEvent message)
    {
        var parts = message.New.GetEnumerator();
        parts.MoveNext();
        return _options.Columns.HasMessage(System.Text.Encoding.UTF8.GetString(parts.Current.Bytes));
    }

    /// <summary>A logical message.</summary>
    public void WriteMessage(ChangeEvent message, TransactionCounter? counter, BatchClock clock, OutputBuffer output)
    {
        var parts = message.New.GetEnumerator();
        parts.MoveNext();
        var prefix = parts.Current.Bytes.ToArray();
        parts.MoveNext();
        var content = parts.Current.Bytes.ToArray();
        var place = counter is not null && message.Transaction.Xid != 0 ? counter.Count(message.Transaction, "message") : default;

        output.BeginRow(output.Destination(_messages));
        Write(_messageKey, isKey: true, output, (ref key) =>
        {
            key.Field(SideSchemas.MessageKey.Fields[0]);
            key.Text(prefix);
        });
        Write(_messageValue, isKey: false, output, (ref value) =>
        {
            var fields = SideSchemas.MessageValue.Fields;
            value.Field(fields[0]);
            value.Ascii("m"u8);
            value.Field(fields[1]);
            value.Number(clock.Millis);
            value.Field(fields[2]);
            _source.Write(message, ref value);
            value.Label(fields[3].Name);
            _transaction.Write(message, place, ref value);
            value.Field(fields[4]);
            value.BeginStruct();
            value.Field(SideSchemas.Message.Fields[0]);
            value.Text(prefix);
            value.Field(SideSchemas.Message.Fields[1]);
            value.Bytes(content);
            value.EndStruct();
        });
        output.EndRow();
    }

    private void WriteTransaction(string status, ChangeEvent at, TransactionCounter? counter, OutputBuffer output)
    {
        output.BeginRow(output.Destination(_transactions));
        Write(_transactionKey, isKey: true, output, (ref key) =>
        {
            key.Field(SideSchemas.TransactionKey.Fields[0]);
            WriteId(at, ref key);
        });
        Write(_transactionValue, isKey: false, output, (ref value) =>
        {
            var fields = SideSchemas.TransactionValue.Fields;
            value.Field(fields[0]);
            value.Text(Section.Utf8(status));
            value.Field(fields[1]);
            WriteId(at, ref value);
            if (counter is null)
            {
                value.NullField(fields[2]);
                value.NullField(fields[3]);
            }
            else
            {
                value.Field(fields[2]);
                value.Number(counter.Total);
                value.Field(fields[3]);
                WriteCollections(counter, ref value);
            }

            value.Field(fields[4]);
            value.Number(at.Transaction.CommitMicros / 1000);
        });
        output.EndRow();
    }

    private static void WriteCollections(TransactionCounter counter, ref RecordOutput value)
    {
        var collections = counter.Collections;
        value.BeginArray(collections.Count);
        foreach (var (name, count) in collections)
        {
            value.Element();
            value.Present(SideSchemas.Collection);
            value.BeginStruct();
            value.Field(SideSchemas.Collection.Fields[0]);
            value.Text(Section.Utf8(name));
            value.Field(SideSchemas.Collection.Fields[1]);
            value.Number(count);
            value.EndStruct();
        }

        value.EndArray();
    }

    private static void WriteId(in ChangeEvent at, ref RecordOutput output)
    {
        Span<byte> id = stackalloc byte[48];
        output.Ascii(id[..TransactionCounter.WriteId(at.Transaction, at.Lsn, id)]);
    }

    private void Write(RecordFrame frame, bool isKey, OutputBuffer output, WriteSection write)
    {
        var head = frame.Head;
        if (isKey) output.BeginKey();
        else output.BeginValue();
        var record = new RecordOutput(output, _wire);
        record.Raw(head);
        record.BeginStruct();
        write(ref record);
        record.EndStruct();
        record.Raw(frame.Tail);
        record.Flush();
    }
}
