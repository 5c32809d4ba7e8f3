using Avro;
using Avro.Generic;
using Avro.IO;

namespace Pathway.Benchmarks.Debezium;

/// <summary>The same events through Apache.Avro: generic records, written one by one into a stream in memory. The key, which ours writes as well, is left out.</summary>
internal sealed class GenericWriter
{
    private readonly RecordSchema _envelope, _row, _source;
    private readonly GenericDatumWriter<GenericRecord> _writer;
    private readonly MemoryStream _stream = new(1 << 22);
    private readonly GenericRecord _built;

    public GenericWriter(string schema)
    {
        _envelope = (RecordSchema)Schema.Parse(schema);
        _row = (RecordSchema)((UnionSchema)_envelope["before"].Schema)[1];
        _source = (RecordSchema)_envelope["source"].Schema;
        _writer = new GenericDatumWriter<GenericRecord>(_envelope);
        _built = Build(1);
    }

    public long Write(int rows)
    {
        _stream.SetLength(0);
        var encoder = new BinaryEncoder(_stream);
        for (var i = 0; i < rows; i++) _writer.Write(_built, encoder);
        return _stream.Length;
    }

    public long BuildAndWrite(int rows)
    {
        _stream.SetLength(0);
        var encoder = new BinaryEncoder(_stream);
        for (var i = 0; i < rows; i++) _writer.Write(Build(i), encoder);
        return _stream.Length;
    }

    private GenericRecord Build(int number)
    {
        var row = new GenericRecord(_row);
        row.Add("id", 1_000_000L + number);
        row.Add("customer_id", number % 5000);
        row.Add("status", "shipped");
        row.Add("amount", new AvroDecimal(number % 100_000, 2));
        row.Add("created_at", "2024-02-29T12:34:56.789012Z");
        row.Add("note", "left at the neighbour's door, number 12345");
        row.Add("paid", true);
        row.Add("weight", number % 70 + 0.25);
        var source = new GenericRecord(_source);
        source.Add("version", "3.6.1.Final");
        source.Add("connector", "postgresql");
        source.Add("name", "shop");
        source.Add("ts_ms", 1_700_000_000_123L);
        source.Add("snapshot", "false");
        source.Add("db", "shop");
        source.Add("sequence", "[\"4294967296\",\"4294967496\"]");
        source.Add("ts_us", 1_700_000_000_123_456L);
        source.Add("ts_ns", 1_700_000_000_123_456_000L);
        source.Add("schema", "public");
        source.Add("table", "orders");
        source.Add("txId", 4711L);
        source.Add("lsn", 4_294_967_296L + number);
        source.Add("xmin", null);
        source.Add("origin", null);
        source.Add("origin_lsn", null);
        var envelope = new GenericRecord(_envelope);
        envelope.Add("before", null);
        envelope.Add("after", row);
        envelope.Add("source", source);
        envelope.Add("transaction", null);
        envelope.Add("op", "c");
        envelope.Add("ts_ms", 1_700_000_000_124L);
        envelope.Add("ts_us", 1_700_000_000_124_000L);
        envelope.Add("ts_ns", 1_700_000_000_124_000_000L);
        return envelope;
    }
}
