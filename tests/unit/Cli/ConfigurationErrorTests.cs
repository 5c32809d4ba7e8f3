using Pathway.Core;

namespace Pathway.Tests.Unit.Cli;

/// <summary>The catalogue of mistakes in sync.yaml: each is refused with its place and with what would be right.</summary>
[Trait("suite", "unit")]
public sealed class ConfigurationErrorTests
{
    [Theory]
    // keys
    [InlineData("name: Shop.Sync-1", "nmae: x", "1:1: unknown key 'nmae'. Did you mean 'name'? Known: name, state, commit-every, memory, http, give-up-after, snapshots, from, to, registry, debezium, tables, mask-salt.")]
    [InlineData("    tables: [public.orders]", "    table: [public.orders]", "5:5: unknown key 'table' in from.postgres. Did you mean 'tables'? Known: connection, tables, slot, publication, initial-load, load, before, wal.")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    topic_prefix: shop", "9:5: unknown key 'topic_prefix' in to.kafka. Did you mean 'topic-prefix'?")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    batching: shop", "9:5: unknown key 'batching' in to.kafka. Known: topic-prefix, topics, partitions, format, schemas, compatibility, dead-letters, transaction, client.")]
    [InlineData("  postgres:", "  mysql:", "3:3: unknown key 'mysql' in from. Known: postgres, kafka.")]
    [InlineData("name: Shop.Sync-1", "name: a\nsnapshots: { keep: 2 }", "2:12: snapshots lacks 'to': the directory that snapshots go to, such as to: /backup/pathway, or s3://bucket/prefix.")]
    [InlineData("name: Shop.Sync-1", "name: a\nsnapshots: { to: s3://B }", "2:18: snapshots.to: 's3://B' names no bucket.")]
    [InlineData("name: Shop.Sync-1", "name: a\nsnapshots: { to: x, keep: 0 }", "2:27: snapshots.keep is '0'; it must be a whole number from 1 on.")]
    [InlineData("name: Shop.Sync-1", "name: a\nsnapshots: { to: x, every: 10ms }", "2:28: snapshots.every is '10ms'; it must be a duration such as 100ms, 10s, 5m or 1h, from 1s on.")]
    [InlineData("name: Shop.Sync-1", "name: a\nname: b", "2:1: this is no YAML: Duplicate key name")]
    // what is missing
    [InlineData("name: Shop.Sync-1", "", "2:1: the file lacks 'name': what the pipeline is called, such as name: shop-sync.")]
    [InlineData("name: Shop.Sync-1", "name:", "1:6: name has no value; it must be text.")]
    [InlineData("name: Shop.Sync-1", "name: ''", "1:7: name has no value; it must be text.")]
    [InlineData("    tables: [public.orders]", "", "4:5: from.postgres lacks 'tables': which tables to read, such as tables: [public.customers, \"public.order_*\"].")]
    [InlineData("    tables: [public.orders]", "    tables: []", "5:13: from.postgres.tables is empty. Name at least one, such as [public.customers, \"public.order_*\"].")]
    [InlineData("    client: { bootstrap.servers: localhost:9092 }", "", "8:5: to.kafka lacks 'client': settings of librdkafka, at least client: { bootstrap.servers: localhost:9092 }.")]
    [InlineData("bootstrap.servers", "client.id", "9:13: to.kafka.client: lacks 'bootstrap.servers': where Kafka is, such as localhost:9092.")]
    // wrong types
    [InlineData("    tables: [public.orders]", "    tables: public.orders", "5:13: from.postgres.tables is a single value; it must be a list such as [public.customers, \"public.order_*\"].")]
    [InlineData("    tables: [public.orders]", "    tables: [{ a: b }]", "5:14: from.postgres.tables[0] is a group of keys; it must be text.")]
    [InlineData("name: Shop.Sync-1", "name: [a]", "1:7: name is a list; it must be text.")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    schemas: yes", "9:14: to.kafka.schemas is 'yes'; it must be true or false.")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    partitions: many", "9:17: to.kafka.partitions is 'many'; it must be a whole number from 1 to 10000.")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    partitions: 0", "9:17: to.kafka.partitions is '0'")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    transaction: 5s", "9:18: to.kafka.transaction is a single value; it must hold keys and values: rows, bytes, time.")]
    [InlineData("client: { bootstrap.servers: localhost:9092 }", "client: localhost:9092", "9:13: to.kafka.client is a single value; it must hold names and values, such as { bootstrap.servers: localhost:9092 }.")]
    // words, durations, sizes, addresses
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    topics: maybe", "9:13: to.kafka.topics is 'maybe'; it must be create or must-exist.")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    format: debezium-avro", "1:1: registry: is missing: with format debezium-avro schemas are registered there")]
    [InlineData("name: Shop.Sync-1", "name: a\nregistry: { url: localhost:8081 }", "2:18: registry.url: 'localhost:8081' is no address such as http://localhost:8081.")]
    [InlineData("name: Shop.Sync-1", "name: a\nregistry: { url: 'http://user:s3cret@localhost' }", "2:18: registry.url: holds a user or password; put it into registry.client")]
    [InlineData("name: Shop.Sync-1", "name: a\nregistry: { url: 'http://r', client: { basic.auth.user.info: s3cret } }", "registry.client: 'basic.auth.user.info' is no setting of the registry's client")]
    // how the database is read
    [InlineData("    tables: [public.orders]", "    tables: [public.orders]\n    load: { parallel: 0 }", "6:23: from.postgres.load.parallel is '0'; it must be a whole number from 1 to 32.")]
    [InlineData("    tables: [public.orders]", "    tables: [public.orders]\n    load: { rate: fast }", "6:19: from.postgres.load.rate is 'fast'; it must be rows a second, a whole number from 1 on.")]
    [InlineData("    tables: [public.orders]", "    tables: [public.orders]\n    before: always", "6:13: from.postgres.before is 'always'; it must be placeholder or state.")]
    [InlineData("    tables: [public.orders]", "    tables: [public.orders]\n    before: { states: [public.orders] }", "unknown key 'states' in from.postgres.before. Did you mean 'state'?")]
    [InlineData("    tables: [public.orders]", "    tables: [public.orders]\n    wal: { heartbeat: 10ms }", "6:23: from.postgres.wal.heartbeat is '10ms'; it must be a duration such as 100ms, 10s, 5m or 1h, from 1s on.")]
    // Debezium's settings
    [InlineData("name: Shop.Sync-1", "name: a\ndebezium:\n  time.precison.mode: connect", "3:3: debezium.time.precison.mode: is unknown. Did you mean 'time.precision.mode'? Known: topic.delimiter")]
    [InlineData("name: Shop.Sync-1", "name: a\ndebezium:\n  time.precision.mode: seconds", "3:3: debezium.time.precision.mode: 'seconds' isn't known; known are adaptive, adaptive_time_microseconds, connect, isostring, microseconds, nanoseconds.")]
    [InlineData("name: Shop.Sync-1", "name: a\ndebezium:\n  topic.prefix: b", "3:3: debezium.topic.prefix: is said elsewhere: to.kafka.topic-prefix")]
    [InlineData("name: Shop.Sync-1", "name: a\ndebezium:\n  max.batch.size: 2048", "3:3: debezium.max.batch.size: isn't supported: batches follow commit-every.")]
    [InlineData("name: Shop.Sync-1", "name: a\ndebezium:\n  column.exclude.list: 'a['", "3:3: debezium.column.exclude.list: 'a[' is no regular expression")]
    [InlineData("name: Shop.Sync-1", "name: a\ndebezium:\n  message.key.columns: orders", "3:3: debezium.message.key.columns: 'orders' doesn't name key columns")]
    [InlineData("name: Shop.Sync-1", "name: a\ndebezium:\n  transforms.route.type: io.debezium.transforms.ByLogicalTableRouter", "isn't known; known is one transformation, io.debezium.transforms.ExtractNewRecordState.")]
    [InlineData("name: Shop.Sync-1", "name: a\ndebezium: connect", "2:11: debezium is a single value; it must hold names and values.")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    compatibility: wrong", "9:20: to.kafka.compatibility is 'wrong'; it must be right or exact.")]
    [InlineData("name: Shop.Sync-1", "name: a\ncommit-every: 100", "2:15: commit-every is '100'; it must be a duration such as 100ms, 10s, 5m or 1h, from 1ms to 1m.")]
    [InlineData("name: Shop.Sync-1", "name: a\ncommit-every: 2h", "2:15: commit-every is '2h'")]
    [InlineData("name: Shop.Sync-1", "name: a\nmemory: 64MB", "2:9: memory is '64MB'; it must be a size such as 64KB, 256MB or 1GB, from 128MB on.")]
    [InlineData("name: Shop.Sync-1", "name: a\ngive-up-after: soon", "2:16: give-up-after is 'soon'; it must be a duration such as 100ms, 10s, 5m or 1h, or never.")]
    [InlineData("name: Shop.Sync-1", "name: a\nhttp: 9180", "2:7: http is '9180'; it must be an address such as 127.0.0.1:9180 or 0.0.0.0:9180.")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    transaction: { bytes: lots }", "9:27: to.kafka.transaction.bytes is 'lots'; it must be a size such as 64KB, 256MB or 1GB, from 1KB on.")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    format: avro", "9:13: to.kafka.format is 'avro'; it must be debezium-json, debezium-avro or json.")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    format: json\n    schemas: true", "10:14: to.kafka.schemas: is for format debezium-json; plain rows have no schemas.")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    format: json\n    compatibility: exact", "10:20: to.kafka.compatibility: is for Debezium's form; plain rows have none.")]
    [InlineData("    topic-prefix: shop", "    topic-prefix: shop\n    dead-letters: a/b", "9:19: to.kafka.dead-letters: 'a/b' can't name a Kafka topic.")]
    // names
    [InlineData("Shop.Sync-1", "my shop", "1:7: name: 'my shop' can't name a pipeline. Use letters, digits, '.', '_' and '-', at most 239.")]
    [InlineData("public.orders", "orders", "5:14: from.postgres.tables[0]: 'orders' names no table. Write schema.table, such as public.orders or \"public.order_*\".")]
    [InlineData("    tables: [public.orders]", "    tables: [public.orders]\n    slot: Shop-Sync", "6:11: from.postgres.slot: 'Shop-Sync' can't name a replication slot. Use lower-case letters, digits and '_', at most 63.")]
    [InlineData("topic-prefix: shop", "topic-prefix: my/shop", "8:19: to.kafka.topic-prefix: 'my/shop' can't begin a topic's name.")]
    [InlineData("localhost:9092 }", "localhost:9092, transactional.id: x }", "to.kafka.client: 'transactional.id' is made from the pipeline's name; leave it out.")]
    // connection strings
    [InlineData("Host=localhost;Database=shop;Username=sync", "Host=localhost;Datbase=s3cret", "4:17: from.postgres.connection: Npgsql knows no keyword 'datbase' in a connection string.")]
    [InlineData("Host=localhost;Database=shop;Username=sync", "Host=localhost;Password=s3cret", "4:17: from.postgres.connection: the connection string lacks Database and Username.")]
    [InlineData("Host=localhost;Database=shop;Username=sync", "Host=localhost;Port=s3cret", "4:17: from.postgres.connection: Npgsql takes no such value for 'port' in a connection string.")]
    [InlineData("Host=localhost;Database=shop;Username=sync", "s3cret", "4:17: from.postgres.connection: this is no connection string. Write Host=…;Port=5432;Database=…;Username=…;Password=….")]
    // what is put in
    [InlineData("Shop.Sync-1", "${NOWHERE}", "1:7: name: the environment variable NOWHERE isn't set. Set it, or write ${NOWHERE:-default}.")]
    [InlineData("Shop.Sync-1", "${file:/run/secrets/none}", "1:7: name: the secret file '/run/secrets/none' isn't there.")]
    [InlineData("Shop.Sync-1", "${PGPASSWORD", "1:7: name: a '${' without its '}'.")]
    [InlineData("Shop.Sync-1", "${a b}", "1:7: name: '${a b}' names no environment variable.")]
    [InlineData("name: Shop.Sync-1", "name: a\ncommit-every: ${EVERY}", "2:15: commit-every is '${EVERY}'; it must be a duration")]
    public void Parse_AMistake_IsRefusedWithItsPlace(string instead, string of, string message)
    {
        Assert.Contains(instead, ConfigurationTests.Least);
        var refused = Assert.Throws<ConfigurationException>(() => ConfigurationTests.Parse(ConfigurationTests.Least.Replace(instead, of)));
        Assert.StartsWith("/etc/pathway/sync.yaml:", refused.Message);
        Assert.Contains(message, refused.Message);
        Assert.DoesNotContain("s3cret", refused.Message);
    }

    [Theory]
    [InlineData("registry: { url: 'http://localhost:8081' }", "registry: is for format debezium-avro; plain rows have no schemas. Leave it out.")]
    [InlineData("debezium: { tombstones.on.delete: false }", "debezium: is for formats debezium-json and debezium-avro; plain rows have no Debezium form. Leave it out.")]
    public void Parse_DebeziumsSettingsForPlainRows_AreRefused(string line, string message) =>
        Assert.Contains(message, Assert.Throws<ConfigurationException>(() => ConfigurationTests.Parse(ConfigurationTests.Least + "\n    format: json\n" + line)).Message);

    [Theory]
    [InlineData("    connection: Host=localhost;Database=copy;Username=sync", "    schema: copy", "8:5: to.postgres lacks 'connection': how to reach the server, in Npgsql's words")]
    [InlineData("Database=copy;Username=sync", "Database=copy;Username=sync\n    table: create", "9:5: unknown key 'table' in to.postgres. Did you mean 'tables'? Known: connection, schema, tables, names, progress-schema, dead-letters, transaction.")]
    [InlineData("Host=localhost;Database=copy", "Hots=localhost;Database=s3cret", "8:17: to.postgres.connection: Npgsql knows no keyword 'hots' in a connection string.")]
    [InlineData("Database=copy;Username=sync", "Database=copy;Username=sync\n    tables: maybe", "9:13: to.postgres.tables is 'maybe'; it must be create or must-exist.")]
    [InlineData("Database=copy;Username=sync", "Database=copy;Username=sync\n    dead-letters: letters", "9:19: to.postgres.dead-letters: 'letters' names no table. Write schema.table")]
    [InlineData("Database=copy;Username=sync", "Database=copy;Username=sync\n    names: { orders: a.b }", "9:14: to.postgres.names: 'orders' names no table. Write schema.table")]
    [InlineData("Database=copy;Username=sync", "Database=copy;Username=sync\n    names: { public.orders: b }", "9:29: to.postgres.names.public.orders: 'b' names no table. Write schema.table")]
    [InlineData("Database=copy;Username=sync", "Database=copy;Username=sync\n    names: [a.b]", "9:12: to.postgres.names is a list; it must hold names and values, such as { public.orders: archive.orders }.")]
    [InlineData("Database=copy;Username=sync", "Database=copy;Username=sync\n    transaction: { rows: 0 }", "9:26: to.postgres.transaction.rows is '0'; it must be a whole number from 1 on.")]
    [InlineData("Database=copy;Username=sync", "Database=copy;Username=sync\n  kafka: { topic-prefix: a, client: { bootstrap.servers: b } }", "9:10: to.kafka: stands beside postgres; a sync has one target. Write a file of its own for each.")]
    [InlineData("name: copy", "name: copy\nregistry: { url: 'http://localhost:8081' }", "2:11: registry: is for to.kafka with format debezium-avro; rows for Postgres have no schemas of their own. Leave it out.")]
    [InlineData("name: copy", "name: copy\ndebezium:\n  time.precision.mode: connect", "3:3: debezium: is for to.kafka; rows for Postgres have no Debezium form. Leave it out.")]
    [InlineData("  postgres:\n    connection: Host=localhost;Database=copy;Username=sync", "  mongo: { }", "7:3: unknown key 'mongo' in to. Known: kafka, postgres.")]
    public void Parse_AMistakeInAPostgresTarget_IsRefusedWithItsPlace(string instead, string of, string message)
    {
        Assert.Contains(instead, ConfigurationTests.LeastReplica);
        var refused = Assert.Throws<ConfigurationException>(() => ConfigurationTests.Parse(ConfigurationTests.LeastReplica.Replace(instead, of)));
        Assert.Contains(message, refused.Message);
        Assert.DoesNotContain("s3cret", refused.Message);
    }

    [Theory]
    [InlineData("topics: [shop.public.orders]", "topic: [a]", "unknown key 'topic' in from.kafka. Did you mean 'topics'? Known: topics, format, key, unwrapped, start, lost-records, updates-without-document, dead-letters, client.")]
    [InlineData("topics: [shop.public.orders]", "format: debezium-json", "from.kafka lacks 'topics': which topics to read")]
    [InlineData("[shop.public.orders]", "[\"a topic\"]", "from.kafka.topics[0]: 'a topic' can't name a Kafka topic.")]
    [InlineData("topics:", "start: yesterday, topics:", "from.kafka.start is 'yesterday'; it must be earliest, latest, or a time such as 2026-01-31T12:00:00Z.")]
    [InlineData("topics:", "lost-records: ignore, topics:", "from.kafka.lost-records is 'ignore'; it must be refuse or skip.")]
    [InlineData("topics:", "updates-without-document: drop, topics:", "from.kafka.updates-without-document is 'drop'; it must be refuse or skip.")]
    [InlineData("{ bootstrap.servers: b }", "{ security.protocol: SSL }", "from.kafka.client: lacks 'bootstrap.servers'")]
    [InlineData("topics:", "format: debezium-avro, topics:", "registry: is missing: with format debezium-avro schemas are read there")]
    [InlineData("to:", "  postgres: { connection: x }\nto:", "from.postgres: stands beside kafka; a sync has one source. Write a file of its own for each.")]
    [InlineData("postgres: { connection: Host=localhost;Database=copy;Username=sync }", "kafka: { topic-prefix: a, client: { bootstrap.servers: b } }", "to.kafka.format: has to be json behind from.kafka: rows that were read from topics are written as plain JSON, or to to.postgres.")]
    [InlineData("topics:", "format: xml, topics:", "from.kafka.format is 'xml'; it must be debezium-json, debezium-avro or json.")]
    [InlineData("topics:", "key: [id], topics:", "from.kafka.key: is for format json; records of Debezium's form have the key that they say. Leave it out.")]
    [InlineData("topics:", "format: json, unwrapped: true, topics:", "from.kafka.unwrapped: is for Debezium's form; plain JSON has none. Leave it out.")]
    [InlineData("topics:", "format: json, updates-without-document: skip, topics:", "from.kafka.updates-without-document: is for Debezium's form; plain JSON has none. Leave it out.")]
    [InlineData("topics:", "unwrapped: maybe, topics:", "from.kafka.unwrapped is 'maybe'; it must be false, true or documents.")]
    public void Parse_AMistakeInAKafkaSource_IsRefused(string instead, string of, string message)
    {
        Assert.Contains(instead, LeastTopics);
        ConfigurationTests.Parse(LeastTopics);
        Assert.Contains(message, Assert.Throws<ConfigurationException>(() => ConfigurationTests.Parse(LeastTopics.Replace(instead, of))).Message);
    }

    private const string LeastTopics = """
        name: copy
        from:
          kafka: { topics: [shop.public.orders], client: { bootstrap.servers: b } }
        to:
          postgres: { connection: Host=localhost;Database=copy;Username=sync }
        """;

    [Theory]
    [InlineData("tables: [a]", "9:9: tables is a list; it must hold names and what is said of them, such as { public.customers: { columns: [id, name] } }.")]
    [InlineData("tables: { orders: { columns: [id] } }", "9:11: tables: 'orders' names no table. Write schema.table")]
    [InlineData("tables: { public.orders: id }", "9:26: tables.public.orders is a single value; it must hold keys and values: columns, rename, mask, where.")]
    [InlineData("tables: { public.orders: { colums: [id] } }", "9:28: unknown key 'colums' in tables.public.orders. Did you mean 'columns'? Known: columns, rename, mask, where.")]
    [InlineData("tables: { public.orders: { } }", "9:26: tables.public.orders: says nothing; it may hold columns, rename, mask and where.")]
    [InlineData("tables: { public.orders: { columns: id } }", "9:37: tables.public.orders.columns is a single value; it must be a list such as [id, name].")]
    [InlineData("tables: { public.orders: { columns: [id, id] } }", "9:37: tables.public.orders.columns: names a column twice.")]
    [InlineData("tables: { public.orders: { rename: [a] } }", "9:36: tables.public.orders.rename is a list; it must hold names and values, such as { name: full_name }.")]
    [InlineData("tables: { public.orders: { rename: { a: c, b: c } } }", "9:36: tables.public.orders.rename: calls 2 columns 'c'.")]
    [InlineData("tables: { public.orders: { columns: [id], rename: { a: c } } }", "9:51: tables.public.orders.rename: 'a' isn't among the columns that are carried.")]
    [InlineData("tables: { public.orders: { columns: [id], mask: { a: hash } } }", "9:49: tables.public.orders.mask: 'a' isn't among the columns that are carried.")]
    [InlineData("tables: { public.orders: { mask: { a: secret } } }", "9:36: tables.public.orders.mask.a: 'secret' is no mask; masks are hash, null (written in quotes: \"null\") and last4.")]
    [InlineData("tables: { public.orders: { where: a > 'b' } }", "9:35: tables.public.orders.where: 'a > …' orders what is no number, which depends on the database; only = and <> can compare it. A condition reads like: status = 'open' and id > 100.")]
    [InlineData("tables: { public.orders: { where: a = 1 or b = 2 } }", "9:35: tables.public.orders.where: at character 7 'or b = 2' stands where 'and' or the end (nothing but conditions joined by 'and' is taken) was expected.")]
    [InlineData("tables: { public.orders: { where: a = 'b } }", "tables.public.orders.where: a text begins at character 5 and has no end.")]
    [InlineData("tables: { public.orders: { where: lower(a) = 1 } }", "tables.public.orders.where: at character 6 '(a) = 1' stands where one of =, <>, <, <=, >, >=, in, is null, is not null was expected.")]
    [InlineData("mask-salt: s3cret", "9:12: mask-salt: salts nothing: no table has a mask that hashes.")]
    public void Parse_AMistakeInRulesForTables_IsRefusedWithItsPlace(string line, string message)
    {
        var refused = Assert.Throws<ConfigurationException>(() => ConfigurationTests.Parse(ConfigurationTests.LeastReplica + "\n" + line));
        Assert.Contains(message, refused.Message);
        Assert.DoesNotContain("s3cret", refused.Message);
    }

    [Theory]
    [InlineData("", "1:1: the file is empty; it must hold keys and values: name, state")]
    [InlineData("- a\n- b", "1:1: the file holds a list; it must hold keys and values: name, state")]
    [InlineData("a: [", "this is no YAML:")]
    [InlineData("name: a\n---\nname: b", "3:1: a second document begins here; the file must hold one.")]
    [InlineData("name: a", "1:1: the file lacks 'from': what is read: from: { postgres: { … } } or from: { kafka: { … } }.")]
    public void Parse_NoSuchFile_IsRefused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<ConfigurationException>(() => ConfigurationTests.Parse(text)).Message);

    [Fact]
    public void Parse_SeveralMistakes_AreToldAtOnceInOrder()
    {
        var text = ConfigurationTests.Least.Replace("name: Shop.Sync-1", "nme: a").Replace("[public.orders]", "[orders, x]");
        var lines = Assert.Throws<ConfigurationException>(() => ConfigurationTests.Parse(text)).Message.Split(Environment.NewLine);
        Assert.Equal(["1:1", "1:1", "5:14", "5:22"], lines.Select(line => string.Join(':', line["/etc/pathway/sync.yaml:".Length..].Split(':')[..2])));
    }

    [Theory]
    [InlineData("${EMPTY:-fallback}", "fallback")]
    [InlineData("${NOWHERE:-fall-back}", "fall-back")]
    [InlineData("a-${NOWHERE:-b}-${EMPTY:-c}", "a-b-c")]
    [InlineData("'${NOWHERE:-}x'", "x")]
    public void Parse_References_ArePutIn(string value, string expected) =>
        Assert.Equal(expected, ConfigurationTests.Parse(ConfigurationTests.Least.Replace("Shop.Sync-1", value)).Name);

    [Fact]
    public void Apply_EscapedReference_StaysAsItIs() => Assert.Equal("${PGPASSWORD}$x$", ConfigurationTests.Substitution.Apply("$${PGPASSWORD}$x$"));
}
