using System.Net;
using Pathway.Cli;
using Pathway.Core;

namespace Pathway.Tests.Unit.Cli;

[Trait("suite", "unit")]
public sealed class ConfigurationTests
{
    private const string Whole = """
        name: shop-sync                      # the pipeline
        state: ./state
        commit-every: 250ms
        memory: 512MB
        http: 127.0.0.1:9180
        give-up-after: 10m
        from:
          postgres:
            connection: Host=localhost;Port=5432;Database=shop;Username=sync;Password=${PGPASSWORD}
            tables: [public.customers, "public.order_*"]
            slot: shop_sync
            publication: shop_sync
            initial-load: false
        to:
          kafka:
            topic-prefix: shop
            topics: must-exist
            partitions: 3
            format: debezium-json
            schemas: true
            compatibility: exact
            transaction: { rows: 1000, bytes: 1MB, time: 5s }
            client: { bootstrap.servers: localhost:9092, sasl.password: "${file:/run/secrets/kafka}" }
        """;

    internal const string Least = """
        name: Shop.Sync-1
        from:
          postgres:
            connection: Host=localhost;Database=shop;Username=sync
            tables: [public.orders]
        to:
          kafka:
            topic-prefix: shop
            client: { bootstrap.servers: localhost:9092 }
        """;

    internal const string LeastReplica = """
        name: copy
        from:
          postgres:
            connection: Host=localhost;Database=shop;Username=sync
            tables: [public.orders]
        to:
          postgres:
            connection: Host=localhost;Database=copy;Username=sync
        """;

    [Fact]
    public void Parse_PostgresTarget_IsRead()
    {
        var least = Parse(LeastReplica).Target!;
        Assert.Equal((null, false, "pathway", 0, new TransactionLimits()), (least.Schema, least.CreateTables, least.ProgressSchema, least.Names.Count, least.Transaction));
        var read = Parse(LeastReplica + "\n    schema: copy\n    tables: create\n    names: { public.orders: archive.orders }\n    progress-schema: ops\n    transaction: { rows: 10 }");
        Assert.Null(read.Kafka);
        Assert.Equal(("copy", true, "ops", 10L), (read.Target!.Schema, read.Target.CreateTables, read.Target.ProgressSchema, read.Target.Transaction.Rows));
        Assert.Equal("archive.orders", read.Target.Names["public.orders"]);
        Assert.Equal("Host=localhost;Database=copy;Username=sync", read.Target.Connection.Value);
    }

    [Fact]
    public void Parse_RulesForTables_AreRead()
    {
        var read = Parse(Least + "\nmask-salt: pepper\ntables:\n  public.orders: { columns: [id, email, status, note], rename: { email: contact }, mask: { email: hash, status: last4, note: \"null\" }, where: \"status in ('a', 'it''s') and id >= 10 and note is not null\" }");
        var rules = Assert.Single(read.Rules);
        Assert.Equal("public.orders; columns id, email, status, note; renamed email to contact; masked email Hash, note Null, status Last4, salted; where status in ('a', 'it''s') and id >= 10 and note is not null", rules.ToString());
        Assert.Equal(("pepper", "it's"), (rules.Salt, rules.Where!.Conditions[0].Constants[1]));
        Assert.Empty(Parse(Least).Rules);
    }

    [Theory]
    [InlineData("postgres-to-kafka")]
    [InlineData("postgres-to-kafka-json")]
    [InlineData("postgres-to-postgres")]
    [InlineData("kafka-to-postgres")]
    [InlineData("kafka-json-to-kafka")]
    public void Parse_SamplesOfTheDocumentation_AreGood(string name)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Pathway.sln"))) root = Path.GetDirectoryName(root)!;
        Assert.NotNull(Parse(File.ReadAllText(Path.Combine(root, "docs", "samples", name + ".yaml")).Replace("PGPASSWORD_COPY", "PGPASSWORD")).Name);
    }

    [Fact]
    public void Parse_EveryKey_IsRead()
    {
        var read = Parse(Whole);
        Assert.Equal("shop-sync", read.Name);
        Assert.Equal("/etc/pathway/state", read.State);
        Assert.Equal(TimeSpan.FromMilliseconds(250), read.CommitEvery);
        Assert.Equal(512L << 20, read.Memory);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:9180"), read.Http);
        Assert.Equal(TimeSpan.FromMinutes(10), read.GiveUpAfter);
        Assert.Equal("Host=localhost;Port=5432;Database=shop;Username=sync;Password=s3cret", read.Postgres.Connection.Value);
        Assert.Equal(["public.customers", "public.order_*"], read.Postgres.Tables);
        Assert.False(read.Postgres.InitialLoad);
        Assert.Equal("shop", read.Kafka!.TopicPrefix);
        Assert.False(read.Kafka!.CreateTopics);
        Assert.Equal(3, read.Kafka!.Partitions);
        Assert.True(read.Kafka!.Schemas && read.Kafka!.ExactCompatibility);
        Assert.Equal(new TransactionLimits(1000, 1 << 20, TimeSpan.FromSeconds(5)), read.Kafka!.Transaction);
        Assert.Equal("kafka-secret", read.Kafka!.Client["sasl.password"]);
    }

    [Fact]
    public void Parse_OnlyWhatIsRequired_TakesDefaults()
    {
        var read = Parse(Least);
        Assert.Equal("shop_sync_1", read.Postgres.Slot);
        Assert.Equal("shop_sync_1", read.Postgres.Publication);
        Assert.True(read.Postgres.InitialLoad && read.Kafka!.CreateTopics);
        Assert.False(read.Kafka!.Schemas || read.Kafka!.ExactCompatibility);
        Assert.Equal((3, TimeSpan.FromMilliseconds(100), null, null), (read.Kafka!.Partitions, read.CommitEvery, read.Http, read.GiveUpAfter));
        Assert.Equal((500_000L, 256L << 20, TimeSpan.FromSeconds(20)), (read.Kafka!.Transaction.Rows, read.Kafka!.Transaction.Bytes, read.Kafka!.Transaction.TimeOrDefault));
    }

    [Fact]
    public void ToString_OfAConfiguration_HoldsNoSecret() => Assert.DoesNotContain("s3cret", Parse(Whole).ToString());

    internal static SyncConfiguration Parse(string text) => SyncConfigurationReader.Parse("/etc/pathway/sync.yaml", text, Substitution);

    internal static Substitution Substitution { get; } = new(
        name => name switch { "PGPASSWORD" => "s3cret", "EMPTY" => "", "EVERY" => "often-s3cret", "SOON" => "5ms", _ => null },
        path => path == "/run/secrets/kafka" ? "kafka-secret\n" : throw new FileNotFoundException("no", path));
}
