using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Benchmarks.Debezium;

/// <summary>How fast changes become Debezium's records on one core: an inserted row of 8 columns, about 130 B as text; beside Apache.Avro's GenericDatumWriter for the same record.</summary>
internal static class FormatterBenchmark
{
    private const int RowsPerBatch = 10_000, Batches = 100, Runs = 5;

    /// <summary>Measures the forms, medians of three, and prints rows/s (by the clock, and by the processor time used, which a busy machine changes less) and bytes allocated per row.</summary>
    public static void Run()
    {
        var changes = Changes();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{changes[0].New.Memory.Length} B a tuple, {RowsPerBatch * Batches:N0} rows a run"));
        var options = new DebeziumOptions { TopicPrefix = "shop", Database = "shop" };
        var registry = new OneSchema();
        Measure("JSON", changes, new DebeziumJsonFormatter(options, TimeProvider.System));
        Measure("JSON, without context headers", changes, new DebeziumJsonFormatter(options with { ContextHeaders = false }, TimeProvider.System));
        Measure("JSON with schemas", changes, new DebeziumJsonFormatter(options with { Schemas = true }, TimeProvider.System));
        Measure("Avro", changes, new DebeziumAvroFormatter(options, registry, TimeProvider.System));
        var avro = Measure("Avro, without context headers", changes, new DebeziumAvroFormatter(options with { ContextHeaders = false }, registry, TimeProvider.System));
        var generic = new GenericWriter(registry.Value);
        Compare(avro, Measure("GenericDatumWriter, record built before", () => generic.Write(RowsPerBatch)));
        Compare(avro, Measure("GenericRecord built, GenericDatumWriter", () => generic.BuildAndWrite(RowsPerBatch)));
    }

    private static void Compare(double avro, double generic) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  ours is {avro / generic:F1} times as fast by processor time"));

    private static double Measure(string name, ChangeEvent[] changes, DebeziumFormatter formatter)
    {
        using var output = new OutputBuffer();
        return Measure(name, () =>
        {
            output.Clear();
            formatter.Format(changes, output);
            return output.Bytes.Length;
        });
    }

    private static double Measure(string name, Func<long> batch)
    {
        List<double> rates = [], cpuRates = [];
        long allocated = 0, bytes = 0;
        for (var run = 0; run < Runs; run++)                      // the first two warm up
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            for (var i = 0; i < Batches; i++) bytes = batch() / RowsPerBatch;
            if (run >= 2) rates.Add(RowsPerBatch * Batches / watch.Elapsed.TotalSeconds);
            if (run >= 2) cpuRates.Add(RowsPerBatch * Batches / (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        rates.Sort();
        cpuRates.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {rates[1]:N0} rows/s ({cpuRates[1]:N0} a second of CPU), {bytes} B a record, {rates[1] * bytes / 1e6:N0} MB/s, {(double)allocated / (RowsPerBatch * Batches):F3} B allocated a row"));
        return cpuRates[1];
    }

    private static ChangeEvent[] Changes()
    {
        var table = new PgTable
        {
            Oid = 20_000, Schema = "public", Name = "orders", ReplicaIdentity = PgReplicaIdentity.Default, PrimaryKey = ["id"],
            Columns =
            [
                Column("id", 20, "int8", isNotNull: true), Column("customer_id", 23, "int4", isNotNull: true), Column("status", 25, "text"), Column("amount", 1700, "numeric", modifier: (10 << 16 | 2) + 4),
                Column("created_at", 1184, "timestamptz"), Column("note", 25, "text"), Column("paid", 16, "bool"), Column("weight", 701, "float8"),
            ],
        };
        var transaction = new PgTransaction(4711, new Lsn(0x1_0000_0000), 1_700_000_000_123_456, new Lsn(0x1_0000_0000));
        var changes = new ChangeEvent[RowsPerBatch];
        for (var i = 0; i < changes.Length; i++)
        {
            var row = Tuple(
                (1_000_000 + i).ToString(CultureInfo.InvariantCulture), (i % 5000).ToString(CultureInfo.InvariantCulture), "shipped", $"{i % 1000}.{i % 100:00}",
                $"2024-02-29 12:34:{i % 60:00}.{i % 1_000_000:000000}+00", "left at the neighbour's door, number " + i.ToString(CultureInfo.InvariantCulture), i % 2 == 0 ? "t" : "f", $"{i % 70}.25");
            changes[i] = new ChangeEvent { Table = table, Kind = ChangeKind.Insert, Transaction = transaction, Lsn = new Lsn(0x1_0000_0000 + (ulong)(i * 200)), New = row };
        }

        return changes;
    }

    private static PgColumn Column(string name, uint oid, string type, int modifier = -1, bool isNotNull = false) =>
        new() { Name = name, Type = new PgType { Oid = oid, Name = type }, TypeModifier = modifier, IsNotNull = isNotNull };

    private static TupleData Tuple(params string[] values)
    {
        var bytes = new List<byte> { 0, (byte)values.Length };
        var length = new byte[4];
        foreach (var value in values)
        {
            var text = Encoding.UTF8.GetBytes(value);
            BinaryPrimitives.WriteInt32BigEndian(length, text.Length);
            bytes.Add((byte)'t');
            bytes.AddRange(length);
            bytes.AddRange(text);
        }

        return new TupleData(bytes.ToArray());
    }
}
