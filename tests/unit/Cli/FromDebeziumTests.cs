using Pathway.Cli;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Tests.Unit.Cli;

[Trait("suite", "unit")]
public sealed class FromDebeziumTests
{
    private const string Connector = """
        {
          "name": "shop connector",
          "config": {
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
            "tasks.max": "1", "database.hostname": "db", "database.port": "5433", "database.user": "cdc", "database.password": "s3cret", "database.dbname": "shop",
            "topic.prefix": "shop", "slot.name": "dbz", "publication.name": "dbz_publication", "snapshot.mode": "no_data",
            "table.include.list": "public.orders,public\\.item_.*", "time.precision.mode": "connect", "decimal.handling.mode": "string", "heartbeat.interval.ms": "5000",
            "provide.transaction.metadata": "true", "column.mask.hash.v2.SHA-256.with.salt.abc": "public.orders.email",
            "transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState", "transforms.unwrap.add.fields": "op,source.ts_ms",
            "transforms.unwrap.drop.fields.header.name": "x", "max.batch.size": "4096", "my.own": "1",
            "key.converter": "io.confluent.connect.avro.AvroConverter", "value.converter": "io.confluent.connect.avro.AvroConverter",
            "value.converter.schema.registry.url": "http://registry:8081", "value.converter.basic.auth.user.info": "me:s3cret"
          }
        }
        """;

    [Fact]
    public void Write_AConnector_IsASyncThatReadsBack()
    {
        var text = DebeziumMigration.Write(ConnectorFile.Parse("connector.json", Connector), "connector.json");
        Assert.DoesNotContain("s3cret", text);
        var environment = new Dictionary<string, string> { ["PGPASSWORD"] = "p", ["SCHEMA_REGISTRY_USER_INFO"] = "me:p" };
        var read = SyncConfigurationReader.Parse("/etc/pathway/sync.yaml", text, new Substitution(environment.GetValueOrDefault, File.ReadAllText));

        Assert.Equal("shop-connector", read.Name);
        Assert.Equal("Host=db;Port=5433;Database=shop;Username=cdc;Password=p", read.Postgres.Connection.Value);
        Assert.Equal(["public.orders", "public.item_*"], read.Postgres.Tables);
        Assert.False(read.Postgres.InitialLoad);
        Assert.True(read.Kafka is { Avro: true, ExactCompatibility: true, TopicPrefix: "shop" });
        Assert.Equal("http://registry:8081", read.Registry!.Url);
        Assert.Equal("me:p", read.Registry.Client["schema.registry.basic.auth.user.info"]);
        var options = read.Debezium.Options;
        Assert.Equal(TimePrecision.Connect, options.Types.Time);
        Assert.Equal(DecimalHandling.String, options.Types.Decimal);
        Assert.True(options.TransactionMetadata);
        Assert.Equal(["op", "source.ts_ms"], options.Unwrap!.AddFields);
        Assert.Equal("abc", Assert.Single(options.Columns.Masks).Salt);
        Assert.Equal(StreamKinds.Transactions | StreamKinds.Messages | StreamKinds.Heartbeats, read.Debezium.Also);
        Assert.Equal(TimeSpan.FromSeconds(5), read.Debezium.HeartbeatEvery);
    }

    [Theory]
    [InlineData("# LEFT OUT: max.batch.size: batches follow commit-every.")]
    [InlineData("# LEFT OUT: my.own: nothing is known of it.")]
    [InlineData("# LEFT OUT: transforms.unwrap.drop.fields.header.name: 'drop.fields.header.name' is about a header")]
    [InlineData("# DIFFERS: a slot of its own is made; Debezium's slot 'dbz' stays")]
    [InlineData("# DIFFERS: the password isn't copied")]
    public void Write_WhatDiffers_IsAComment(string comment) =>
        Assert.Contains(comment, DebeziumMigration.Write(ConnectorFile.Parse("connector.json", Connector), "connector.json"), StringComparison.Ordinal);

    [Fact]
    public void Write_DecimalFormatOfTheConverter_IsASettingOfTheForm()
    {
        const string Numeric = """{"config": {"topic.prefix": "shop", "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.decimal.format": "NUMERIC"}}""";
        var text = DebeziumMigration.Write(ConnectorFile.Parse("connector.json", Numeric), "connector.json");
        var read = SyncConfigurationReader.Parse("/etc/pathway/sync.yaml", text, new Substitution(_ => "x", File.ReadAllText));
        Assert.True(read.Debezium.Options.Types.DecimalAsNumber);
        Assert.DoesNotContain("LEFT OUT: value", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Properties_AreReadToo()
    {
        var file = ConnectorFile.Parse("application.properties", "debezium.source.topic.prefix=shop\n# no\nname=x\n");
        Assert.Equal(("x", "shop"), (file.Name, file.Settings["topic.prefix"]));
    }

    [Theory]
    [InlineData("{\"config\": {\"connector.class\": \"io.debezium.connector.mysql.MySqlConnector\"}}", "known is io.debezium.connector.postgresql.PostgresConnector")]
    [InlineData("{\"a\": ", "is no JSON")]
    [InlineData("{}", "has no topic.prefix")]
    public void Parse_SomethingElse_IsRefused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<ConfigurationException>(() => ConnectorFile.Parse("connector.json", text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("public.a|public.b", null, true, "*.*")]
    [InlineData(null, "shop,stock", false, "shop.*;stock.*")]
    [InlineData(null, null, false, "*.*")]
    [InlineData("(.*).orders", null, false, "*.orders")]
    public void From_Expressions_ArePatterns(string? tables, string? schemas, bool wider, string expected)
    {
        Assert.Equal(expected.Split(';'), TablePatterns.From(tables, schemas, out var isWider));
        Assert.Equal(wider, isWider);
    }
}
