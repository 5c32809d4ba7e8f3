using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Tests.Unit.Debezium;

/// <summary>Makes tables, rows and records for the tests of the Debezium form.</summary>
internal static class Rows
{
    /// <summary>In a tuple: a large value that wasn't sent.</summary>
    public const string Unchanged = "\0unchanged";

    public static readonly PgTransaction Transaction = new(77, new Lsn(900), 1_700_000_000_123_456, new Lsn(500));

    public static PgColumn Column(string name, uint oid, string type = "base", int modifier = -1, bool isNotNull = false, string? @default = null) =>
        new() { Name = name, Type = new PgType { Oid = oid, Name = type }, TypeModifier = modifier, IsNotNull = isNotNull, Default = @default };

    public static PgTable Table(IReadOnlyList<PgColumn> columns, params string[] key) => new()
    {
        Oid = 1, Schema = "public", Name = "t", ReplicaIdentity = PgReplicaIdentity.Default, PrimaryKey = key, Columns = columns,
    };

    public static TupleData Tuple(params string?[] values)
    {
        var bytes = new List<byte> { 0, (byte)values.Length };
        var length = new byte[4];
        foreach (var value in values)
        {
            if (value is null or Unchanged)
            {
                bytes.Add(value is null ? (byte)'n' : (byte)'u');
                continue;
            }

            var text = Encoding.UTF8.GetBytes(value);
            BinaryPrimitives.WriteInt32BigEndian(length, text.Length);
            bytes.AddRange([(byte)'t', .. length, .. text]);
        }

        return new TupleData(bytes.ToArray());
    }

    public static ChangeEvent Change(PgTable table, ChangeKind kind, TupleData old = default, TupleData @new = default, bool oldIsWhole = false, LoadPlace place = LoadPlace.None) =>
        new() { Table = table, Kind = kind, Transaction = Transaction, Lsn = new Lsn(600), Old = old, OldIsWhole = oldIsWhole, New = @new, Place = place };

    /// <summary>The records as text: topic, key, value; null for what isn't there.</summary>
    public static List<(string Topic, string? Key, string? Value)> Format(DebeziumOptions options, params ChangeEvent[] changes)
    {
        using var output = new OutputBuffer();
        new DebeziumJsonFormatter(options, new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddMilliseconds(5))).Format(changes, output);
        var records = new List<(string, string?, string?)>();
        for (var rest = output.Bytes.Span; !rest.IsEmpty;)
        {
            var row = OutputBuffer.Read(ref rest, output.Destinations);
            records.Add((row.Destination, row.HasKey ? Encoding.UTF8.GetString(row.Key) : null, row.HasValue ? Encoding.UTF8.GetString(row.Value) : null));
        }

        return records;
    }

    /// <summary>The text of one field of a row in a record.</summary>
    public static string Field(string? record, string row, string field)
    {
        using var document = JsonDocument.Parse(record!);
        var root = document.RootElement.TryGetProperty("payload", out var payload) ? payload : document.RootElement;
        return root.GetProperty(row).GetProperty(field).GetRawText();
    }

    public static DebeziumOptions Options(Compatibility compatibility = Compatibility.Right) => new() { TopicPrefix = "shop", Database = "db", Compatibility = compatibility };
}
