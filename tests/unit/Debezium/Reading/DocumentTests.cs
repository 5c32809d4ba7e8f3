using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Avro.Generic;
using Avro.IO;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;
using Pathway.Tests.Unit.Golden;

namespace Pathway.Tests.Unit.Debezium.Reading;

/// <summary>Events of Debezium's Mongo connector: documents as JSON in a text, in JSON with and without schemas and in Avro.</summary>
[Trait("suite", "unit")]
public sealed class DocumentTests
{
    private const string Source = """{"version":"3.0.0.Final","connector":"mongodb","name":"fulfillment","ts_ms":1558965508000,"snapshot":"false","db":"inventory","collection":"customers","ord":31}""";

    public enum Form
    {
        Bare,
        WithSchemas,
        Avro,
    }

    [Theory]
    [CombinatorialForms]
    public void Table_EveryOp_IsAnUpsertOfTheDocumentsFields(Form form)
    {
        var upserts = Read(
            form, registry => DebeziumParsers.Table<string, Customer>(new() { Schemas = registry }),
            Event("r", """{"$oid":"596e275826f08b2730779e1f"}""", after: """{"_id": {"$oid": "596e275826f08b2730779e1f"}, "first_name": "Anne", "visits": {"$numberLong": "5"}, "since": {"$date": 1558965508123}, "more": {"a": 1}}"""),
            Event("c", "\"x\"", after: """{"_id": "x", "first_name": "Bob", "visits": 7, "since": {"$date": {"$numberLong": "0"}}, "score": {"$numberDecimal": "1.50"}}"""),
            Event("u", "\"x\"", after: """{"_id": "x", "first_name": "Rob", "since": null}"""),
            Event("d", "\"x\""));
        Assert.Equal(
            ["596e275826f08b2730779e1f: Anne 5 2019-05-27T13:58:28.1230000+00:00 -", "x: Bob 7 1970-01-01T00:00:00.0000000+00:00 1.50", "x: Rob 0  -", "-x"],
            upserts.Select(u => u.Kind == UpsertKind.Delete ? $"-{u.Key}" : $"{u.Key}: {u.Row!.FirstName} {u.Row.Visits ?? 0} {u.Row.Since:O} {u.Row.Score?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"}"));
        Assert.Equal("596e275826f08b2730779e1f", upserts[0].Row!.Id);
    }

    [Theory]
    [CombinatorialForms]
    public void Changes_DocumentsAsAWhole_AreIdAndJson(Form form)
    {
        var changes = Read(
            form, registry => DebeziumParsers.Changes(new() { Schemas = registry }),
            Event("c", "1004", after: """{"_id": {"$numberInt": "1004"}, "name": "A", "tags": ["a", {"b": 1}]}"""),
            Event("u", "1004", before: """{"_id": 1004, "name": "A", "tags": ["a", {"b": 1}, 3], "gone": 1, "x": {"y": 1}}""", updated: """{"name": "B", "tags.1.b": 2, "x.z": 5}""", removed: ["gone", "x.y"], truncated: [("tags", 2)]),
            Event("d", "\"1004\""));
        Assert.All(changes, c => Assert.Equal(("inventory.customers", "id"), (c.Table.FullName, c.Table.PrimaryKey[0])));
        Assert.Equal([ChangeKind.Insert, ChangeKind.Update, ChangeKind.Delete], changes.Select(c => c.Kind));
        Assert.Equal("1004", ReadBack.Texts(changes[0].New)[0]);
        Assert.Equal("jsonb", changes[0].Table.Columns[1].Type.Name);
        AssertJson("""{"_id": 1004, "name": "B", "tags": ["a", {"b": 2}], "x": {"z": 5}}""", ReadBack.Texts(changes[1].New)[1]!);
        Assert.Equal("\"1004\"", ReadBack.Texts(changes[2].Old)[0]);
    }

    [Fact]
    public void Table_UpdateWithoutDocument_ChangesTheFieldsThatItNames()
    {
        var upserts = Read(
            Form.Bare, _ => DebeziumParsers.Table<string, Customer>(),
            Event("c", "\"x\"", after: """{"_id": "x", "first_name": "Bob", "visits": 7, "score": {"$numberDecimal": "1.5"}}"""),
            Event("u", "\"x\"", updated: """{"visits": {"$numberInt": "8"}, "other.deep": 1}""", removed: ["score"]));
        Assert.Equal(UpsertKind.Change, upserts[1].Kind);
        Assert.Equal(new Customer("x", "Bob", 8, null, null), upserts[1].Patch!.Apply(upserts[0].Row!));
    }

    [Fact]
    public void UpdateWithoutDocument_ThatCantBeMadeGood_IsRefusedOrLeftOut()
    {
        var update = Event("u", "\"x\"", updated: """{"first_name.x": 1}""");
        Assert.Contains("'first_name.x' without the document", Assert.Throws<FormatException>(() => Read(Form.Bare, _ => DebeziumParsers.Table<string, Customer>(), update)).Message);
        Assert.Contains("capture.mode change_streams_update_full", Assert.Throws<FormatException>(() => Read(Form.Bare, _ => DebeziumParsers.Changes(), update)).Message);
        Assert.Empty(Read(Form.Bare, _ => DebeziumParsers.Changes(new() { SkipUpdatesWithoutDocument = true }), update));
    }

    [Theory]
    [InlineData("""{"op":"c","after":"{","source":{"collection":"c"}}""", "document isn't JSON")]
    [InlineData("""{"op":"c","after":null,"source":{"connector":"mongodb","collection":"c"}}""", "no document in 'after'")]
    [InlineData("""{"op":"u","after":null,"before":"{}","updateDescription":{"removedFields":null,"updatedFields":"{\"a.b\":1}","truncatedArrays":null},"source":{"collection":"c"}}""", "changes 'a.b', which its 'before' doesn't have")]
    public void Broken_IsNamed(string value, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => ReadBack.Read(DebeziumParsers.Changes(), ("a.b.c", """{"id":"1"}""", value))).Message);

    private static void AssertJson(string expected, string found) => Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), JsonElement.Parse(found)), found);

    private static MongoEvent Event(string op, string id, string? after = null, string? before = null, string? updated = null, string[]? removed = null, (string, int)[]? truncated = null) => new(op, id, after, before, updated, removed, truncated);

    private static List<TRow> Read<TRow>(Form form, Func<ISchemaSource, Pathway.Connectors.IRecordParser<TRow>> parser, params MongoEvent[] events)
    {
        var registry = new MemoryRegistry();
        var records = events.Select(e => form == Form.Avro
            ? ("p.inventory.customers", AvroMongo.Key(registry, e), AvroMongo.Value(registry, e, Source))
            : ("p.inventory.customers", (byte[]?)Encoding.UTF8.GetBytes(e.Key(form == Form.WithSchemas)), (byte[]?)Encoding.UTF8.GetBytes(e.Value(form == Form.WithSchemas, Source))));
        return ReadBack.ReadBytes(parser(registry), records.ToList());
    }

    private sealed record Customer(string Id, string? FirstName, long? Visits, DateTimeOffset? Since, decimal? Score);

    private sealed class CombinatorialFormsAttribute : Xunit.v3.DataAttribute
    {
        public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(System.Reflection.MethodInfo testMethod, Xunit.Sdk.DisposalTracker disposalTracker) =>
            new([.. Enum.GetValues<Form>().Select(f => new TheoryDataRow(f))]);

        public override bool SupportsDiscoveryEnumeration() => true;
    }

    /// <summary>An event as the connector describes it.</summary>
    internal sealed record MongoEvent(string Op, string Id, string? After, string? Before, string? Updated, string[]? Removed, (string Field, int Size)[]? Truncated)
    {
        private const string Text = """{"type":"string","optional":true,"name":"io.debezium.data.Json","version":1,"field":"FIELD"}""";

        public string Key(bool withSchema) => withSchema
            ? $$"""{"schema":{"type":"struct","name":"f.Key","optional":false,"fields":[{"field":"id","type":"string","optional":false}]},"payload":{"id":{{JsonSerializer.Serialize(Id)}} } }"""
            : $$"""{"id":{{JsonSerializer.Serialize(Id)}} }""";

        public string Value(bool withSchema, string source)
        {
            var update = Updated is null && Removed is null ? "null" : JsonSerializer.Serialize(new
            {
                removedFields = Removed, updatedFields = Updated, truncatedArrays = Truncated?.Select(t => new { field = t.Field, size = t.Size }),
            });
            var payload = $$"""{"before":{{JsonSerializer.Serialize(Before)}},"after":{{JsonSerializer.Serialize(After)}},"updateDescription":{{update}},"source":{{source}},"op":"{{Op}}","ts_ms":1558965515240,"transaction":null}""";
            return withSchema
                ? $$"""{"schema":{"type":"struct","fields":[{{Text.Replace("FIELD", "before")}},{{Text.Replace("FIELD", "after")}},{"type":"struct","optional":true,"name":"io.debezium.connector.mongodb.changestream.updatedescription","field":"updateDescription","fields":[]},{"type":"struct","fields":[],"field":"source"},{"type":"string","field":"op"}],"name":"f.Envelope"},"payload":{{payload}}}"""
                : payload;
        }
    }

    /// <summary>The same events as Avro, written by Apache.Avro.</summary>
    private static class AvroMongo
    {
        private const string KeySchema = """{"type":"record","name":"Key","namespace":"f.inventory.customers","fields":[{"name":"id","type":"string"}]}""";
        private const string Json = """["null",{"type":"string","connect.version":1,"connect.name":"io.debezium.data.Json"}]""";
        private const string ValueSchema = """
            {"type":"record","name":"Envelope","namespace":"f.inventory.customers","fields":[{"name":"before","type":JSON,"default":null},{"name":"after","type":JSON,"default":null},
              {"name":"updateDescription","type":["null",{"type":"record","name":"updatedescription","namespace":"io.debezium.connector.mongodb.changestream","fields":[{"name":"removedFields","type":["null",{"type":"array","items":"string"}],"default":null},
                {"name":"updatedFields","type":JSON,"default":null},{"name":"truncatedArrays","type":["null",{"type":"array","items":{"type":"record","name":"truncatedarray","fields":[{"name":"field","type":"string"},{"name":"size","type":"int"}]}}],"default":null}]}],"default":null},
              {"name":"source","type":{"type":"record","name":"Source","namespace":"io.debezium.connector.mongodb","fields":[{"name":"connector","type":"string"},{"name":"db","type":"string"},{"name":"collection","type":"string"}]}},
              {"name":"op","type":["null","string"],"default":null},{"name":"ts_ms","type":["null","long"],"default":null}]}
            """;

        public static byte[] Key(MemoryRegistry registry, MongoEvent change)
        {
            var schema = (Avro.RecordSchema)Avro.Schema.Parse(KeySchema);
            var key = new GenericRecord(schema);
            key.Add("id", change.Id);
            return Write(registry.IdOf("t", isKey: true, "Key", KeySchema), schema, key);
        }

        public static byte[] Value(MemoryRegistry registry, MongoEvent change, string source)
        {
            var text = ValueSchema.Replace("JSON", Json);
            var schema = (Avro.RecordSchema)Avro.Schema.Parse(text);
            var value = new GenericRecord(schema);
            var from = new GenericRecord((Avro.RecordSchema)schema["source"].Schema);
            foreach (var name in new[] { "connector", "db", "collection" }) from.Add(name, JsonElement.Parse(source).GetProperty(name).GetString());
            (object? update, var updateSchema) = (null, (Avro.RecordSchema)((Avro.UnionSchema)schema["updateDescription"].Schema).Schemas[1]);
            if (change.Updated is not null || change.Removed is not null)
            {
                var told = new GenericRecord(updateSchema);
                var cut = (Avro.RecordSchema)((Avro.ArraySchema)((Avro.UnionSchema)updateSchema["truncatedArrays"].Schema).Schemas[1]).ItemSchema;
                told.Add("removedFields", change.Removed);
                told.Add("updatedFields", change.Updated);
                told.Add("truncatedArrays", change.Truncated?.Select(t =>
                {
                    var one = new GenericRecord(cut);
                    one.Add("field", t.Field);
                    one.Add("size", t.Size);
                    return one;
                }).ToArray());
                update = told;
            }

            foreach (var (name, of) in new (string, object?)[] { ("before", change.Before), ("after", change.After), ("updateDescription", update), ("source", from), ("op", change.Op), ("ts_ms", 1L) }) value.Add(name, of);
            return Write(registry.IdOf("t", isKey: false, "Envelope", text), schema, value);
        }

        public static byte[] Write(int id, Avro.Schema schema, object value)
        {
            using var stream = new MemoryStream();
            Span<byte> head = stackalloc byte[5];
            BinaryPrimitives.WriteInt32BigEndian(head[1..], id);
            stream.Write(head);
            new GenericDatumWriter<object>(schema).Write(value, new BinaryEncoder(stream));
            return stream.ToArray();
        }
    }
}
