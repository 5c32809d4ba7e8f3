using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Avro;
using Avro.Generic;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;
using Pathway.Tests.Unit.Golden;

namespace Pathway.Tests.Unit.Debezium;

/// <summary>JSON and Avro of the same rows say the same, under all settings: Avro as Apache.Avro reads it.</summary>
[Trait("suite", "unit")]
public sealed class FormAgreementTests
{
    // Type, modifier, values as Postgres prints them.
    private static readonly (uint Oid, string Name, int Modifier, string[] Values)[] Types =
    [
        (16, "bool", -1, ["t", "f"]), (21, "int2", -1, ["-32768", "0"]), (23, "int4", -1, ["2147483647", "-1"]), (20, "int8", -1, ["9223372036854775807", "-9223372036854775808"]), (26, "oid", -1, ["4294967295"]),
        (700, "float4", -1, ["1.5", "-0", "1e-45", "3.4028235e+38", "NaN", "-Infinity"]), (701, "float8", -1, ["1", "1e+300", "NaN", "Infinity"]),
        (1700, "numeric", (10 << 16 | 2) + 4, ["99.10", "-0.01", "0.00", "NaN"]), (1700, "numeric", -1, ["123456789012345678901234567890.5", "-7", "0.000"]), (790, "money", -1, ["$1,234.50", "-$0.01"]),
        (1560, "bit", 1, ["1"]), (1560, "bit", 12, ["000000000000", "100000000001"]), (1562, "varbit", -1, ["", "1"]), (17, "bytea", -1, ["\\x", "\\x00ff10fb"]),
        (25, "text", -1, ["", "żółw 😀 \" \\ \u0001"]), (1043, "varchar", 14, ["abc"]), (2950, "uuid", -1, ["6f1c9a52-0b7e-4a54-9b1f-0d2d2c4b8f11"]), (3802, "jsonb", -1, ["{\"a\": [1, null]}"]),
        (1082, "date", -1, ["2024-02-29", "0044-03-15 BC", "infinity"]), (1083, "time", -1, ["12:34:56.789012", "23:59:59.999999"]), (1083, "time", 3, ["00:00:00.001"]), (1266, "timetz", -1, ["01:02:03.5+02"]),
        (1114, "timestamp", -1, ["2024-02-29 12:34:56.789012", "1969-07-20 20:17:40.000001"]), (1114, "timestamp", 3, ["1999-12-31 23:59:59.999"]), (1184, "timestamptz", -1, ["2024-02-29 12:34:56.789012+00", "infinity"]),
        (1186, "interval", -1, ["1 year 2 mons -3 days +04:05:06.789", "-00:00:00.5"]), (600, "point", -1, ["(1,-2.5)"]), (50_000, "hstore", -1, ["", "\"k\"=>\"v\", \"n\"=>NULL"]), (3904, "int4range", -1, ["[1,5)"]),
    ];

    private static readonly (string Name, string Value)[][] Settings =
    [
        [], [("time.precision.mode", "connect")], [("time.precision.mode", "isostring")], [("time.precision.mode", "nanoseconds")], [("time.precision.mode", "microseconds")],
        [("time.precision.mode", "adaptive_time_microseconds"), ("decimal.handling.mode", "string"), ("binary.handling.mode", "base64")], [("decimal.handling.mode", "double"), ("binary.handling.mode", "hex")],
        [("hstore.handling.mode", "map"), ("interval.handling.mode", "string"), ("binary.handling.mode", "base64-url-safe"), ("money.fraction.digits", "3")],
    ];

    [Fact]
    public void Format_RandomTables_AreTheSameInJsonAndAvro() => CsCheck.Check.Sample(
        Gen.Select(Gen.Int[0, Types.Length - 1].Array[1, 8], Gen.Bool.Array[8], Gen.Int[0, 20].Array[8], Gen.Int[0, Settings.Length - 1], Gen.Bool, Gen.Bool),
        (types, nulls, picks, settings, isExact, isArray) =>
        {
            var columns = new List<PgColumn> { Rows.Column("id", 23, isNotNull: true) };
            var values = new List<string?> { "1" };
            for (var i = 0; i < types.Length; i++)
            {
                var (oid, name, modifier, texts) = Types[types[i]];
                var type = new PgType { Oid = oid, Name = name };
                var asArray = isArray && i % 2 == 1;
                columns.Add(new PgColumn { Name = $"c{i}", Type = asArray ? new PgType { Oid = 60_000, Name = "_" + name, Element = type } : type, TypeModifier = modifier, IsNotNull = !nulls[i] && !texts.Contains("NaN") });
                var text = texts[picks[i] % texts.Length];
                values.Add(nulls[i] ? null : asArray ? $"{{\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"")}\",NULL}}" : text);
            }

            var change = Rows.Change(Rows.Table([.. columns], "id"), ChangeKind.Insert, @new: Rows.Tuple([.. values]));
            var options = Settings[settings].Aggregate(Rows.Options(isExact ? Compatibility.Exact : Compatibility.Right) with { Schemas = true }, (read, setting) => DebeziumSettings.Read(read, setting.Name, setting.Value));
            var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddMilliseconds(5));
            var registry = new MemoryRegistry();
            var json = Value(new DebeziumJsonFormatter(options, time), change);
            var avro = Value(new DebeziumAvroFormatter(options, registry, time), change);
            var schema = registry.SchemaOf(BinaryPrimitives.ReadInt32BigEndian(avro.AsSpan(1)));
            var record = AvroText.Read(avro, schema);
            using var document = JsonDocument.Parse(json);
            return Same(document.RootElement.GetProperty("payload"), record) && AvroText.Write(record, schema).AsSpan().SequenceEqual(avro.AsSpan(5));
        },
        iter: 500);

    private static byte[] Value(DebeziumFormatter formatter, ChangeEvent change)
    {
        using var output = new OutputBuffer();
        formatter.Format([change], output);
        var bytes = output.Bytes.Span;
        return OutputBuffer.Read(ref bytes, output.Destinations).Value.ToArray();
    }

    private static bool Same(JsonElement json, object? avro) => avro switch
    {
        null => json.ValueKind == JsonValueKind.Null,
        GenericRecord record => record.Schema.Fields.All(field => Same(json.GetProperty(field.Name), record.GetValue(field.Pos))) && json.EnumerateObject().Count() == record.Schema.Fields.Count,
        IDictionary<string, object> map => map.Count == json.EnumerateObject().Count() && map.All(entry => Same(json.GetProperty(entry.Key), entry.Value)),
        object[] array => array.Length == json.GetArrayLength() && array.Select((item, i) => Same(json[i], item)).All(same => same),
        string text => json.GetString() == text,
        byte[] bytes => json.GetBytesFromBase64().AsSpan().SequenceEqual(bytes),
        bool flag => json.GetBoolean() == flag,
        int or long => json.GetRawText() == Convert.ToString(avro, CultureInfo.InvariantCulture),
        float number => json.ValueKind == JsonValueKind.String ? json.GetString() == JavaDouble.Text(number) : json.GetSingle().Equals(number),
        double number => json.ValueKind == JsonValueKind.String ? json.GetString() == JavaDouble.Text(number) : json.GetDouble().Equals(number),
        AvroDecimal number => new System.Numerics.BigInteger(json.GetBytesFromBase64(), isUnsigned: false, isBigEndian: true) == number.UnscaledValue,
        _ => false,
    };
}
