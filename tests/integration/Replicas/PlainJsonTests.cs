using System.Text.Json;
using Npgsql;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Replicas;

/// <summary>Topics of plain rows: the last record of each key is what row_to_json says of the row, for every type and through random traffic, kill -9 and TRUNCATE.</summary>
[Trait("suite", "integration")]
public sealed class PlainJsonTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : IAsyncLifetime
{
    private readonly int _seed = Seed.OfThisRun(output);
    private TestDatabase _source = null!;

    public async ValueTask InitializeAsync()
    {
        await postgres.StartAsync();
        await kafka.StartAsync();
        _source = await postgres.CreateDatabaseAsync();
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task Sync_EveryType_LoadedAndStreamed_IsAsRowToJsonWritesIt()
    {
        await _source.ExecuteAsync("""
            CREATE EXTENSION IF NOT EXISTS hstore; CREATE EXTENSION IF NOT EXISTS citext;
            CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN price AS numeric(8,2); CREATE DOMAIN stamps AS timestamptz[];
            CREATE TABLE every (id int PRIMARY KEY, b bool, s int2, l int8, o oid, f float4, d float8, n numeric, n2 price, m money, t text, c char(5), ci citext, ch "char", nm name, u uuid, e mood, j json, jb jsonb, x xml, h hstore,
              by bytea, bi bit(5), vb varbit, da date, ti time, tz timetz, ts timestamp, tt timestamptz, iv interval, r int4range, i inet, p point, bx box, ia int[], ta text[], ma int[][], ba bool[], ja jsonb[], tta timestamptz[],
              ea mood[], na numeric[], bxa box[], st stamps, vec int2vector, ov oidvector, ltd numeric[]);
            """);
        await _source.ExecuteAsync(Row(1));
        var sync = Sync("public.every", "placeholder");
        await using var running = await sync.StartStreamingAsync();
        await running.WaitForLineAsync("Initial load complete");
        await _source.ExecuteAsync(Row(2));
        await _source.ExecuteAsync("INSERT INTO every (id) VALUES (3); INSERT INTO every (id) VALUES (4); DELETE FROM every WHERE id = 4");
        await _source.ExecuteAsync("""
            INSERT INTO every (id, f, d, n, da, ts, tt, ia, ta, na, tta) VALUES (5, 'NaN', '-Infinity', 'NaN', 'infinity', '-infinity', 'infinity', '{}', '{"a,b","c\"d\\e",NULL,"NULL","tab\t"}', '{NaN,1}', '{infinity}');
            INSERT INTO every (id, da, ts, tt, t, c) VALUES (6, '0044-03-15 BC', '0044-03-15 01:02:03 BC', '0044-03-15 01:02:03+00 BC', E'\u2028 <&> \u0001 żółw', '');
            INSERT INTO every (id, l, d, f, ia) VALUES (7, -9223372036854775808, 1e300, 1e-30, '[2:3]={5,6}');
            """);
        await HoldsAsync(running, sync, "public.every");
    }

    [Fact]
    public async Task Sync_RandomTrafficKillsAndTruncate_TheTopicsHoldTheTables()
    {
        var traffic = new Traffic(_source, _seed);
        await traffic.CreateAsync();
        var sync = Sync("public.*", "state");
        await using (var first = await sync.StartStreamingAsync("deliver.before-commit=kill@3"))
        {
            await traffic.WhileAsync(async () => await first.WaitForExitAsync());
        }

        await using var running = await sync.StartStreamingAsync();
        await running.WaitForLineAsync("Initial load complete|nothing to load|(?i)streaming");
        traffic.MovesDocuments = false;
        await traffic.WriteAsync(150);
        await _source.ExecuteAsync("TRUNCATE files");
        await traffic.WriteAsync(20);
        await HoldsAsync(running, sync, Traffic.Tables);
        Assert.DoesNotContain("stay in the topic", running.Everything, StringComparison.Ordinal);
    }

    private static string Row(int id) => $$"""
        INSERT INTO every VALUES ({{id}}, true, -3, 9007199254740993, 7, 1.5, 0.1, 123456789012345678901234567890.123400, 12.5, '$1,234.50', E'a "quote" \\ ż\n', 'ab', 'CiText', 'q', 'a_name', '{{Guid.NewGuid()}}', 'ok',
          '{"b": 1, "a": [1,  2.50], "a": null}', '{"z": "ü", "n": 1.10}', '<a>b</a>', 'k=>v, "q\"k"=>NULL', '\x00ff', '10101', '101', '2024-02-29', '10:20:30.123456', '10:20:30+02', '2024-02-29 10:20:30.5', '2024-02-29 10:20:30.123+02',
          '1 year 2 days 03:04:05.6', '[1,5)', '10.0.0.0/8', '(1,2.5)', '((1,1),(0,0))', '{1,NULL,3}', '{a,"b c",NULL}', '{ {1,2},{3,4} }', '{t,f}', ARRAY['{"a": [1, 2]}'::jsonb, '"x"', NULL], '{"2024-02-29 10:20:30+00"}', '{sad,ok}',
          '{1.50,-2}', '{(1,1),(0,0);NULL;(3,3),(2,2)}', '{"2024-02-29 10:20:30.25+00"}', '1 2 3', '4 5', '{0.10}')
        """;

    private SyncRun Sync(string tables, string before) =>
        new(_source, "", tables, before: before, to: $$"""kafka: { topic-prefix: {{_source.Name}}, topics: create, partitions: 3, format: json, client: { bootstrap.servers: "{{kafka.BootstrapServers}}" } }""");

    /// <summary>Waits until the topics hold the tables, key by key.</summary>
    private async Task HoldsAsync(PathwayProcess running, SyncRun sync, params string[] tables)
    {
        var difference = "";
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    if (running.HasExited) throw new InvalidOperationException($"pathway ended.\n{running.Everything}");
                    foreach (var table in tables)
                        if ((difference = await DifferenceAsync(sync, table)) is not null) return false;
                    return true;
                },
                "the topics hold what the tables hold", TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} PATHWAY_SEED={_seed}\n{difference}\n{running.Everything}", e);
        }
    }

    private async Task<string?> DifferenceAsync(SyncRun sync, string table)
    {
        var topic = $"{sync.Prefix}.{table.Replace("\"", "", StringComparison.Ordinal).Replace(' ', '_')}";
        if (!(await kafka.ListTopicsAsync()).Contains(topic)) return $"no topic {topic}";
        var found = new Dictionary<string, string>();
        foreach (var record in await kafka.ConsumeAllAsync(topic))
        {
            if (record.ValueText is { } value) found[record.KeyText!] = value;
            else found.Remove(record.KeyText!);
        }

        var expected = await RowsAsync(table);
        if (found.Count != expected.Count) return $"{table}: {found.Count} rows rather than {expected.Count}";
        var values = found.Values.Select(v => JsonDocument.Parse(v).RootElement).ToList();
        foreach (var row in expected)
        {
            if (values.Exists(v => JsonElement.DeepEquals(v, row))) continue;
            var near = values.Find(v => !row.EnumerateObject().Any(p => p.Name is "id" or "Key" && !JsonElement.DeepEquals(p.Value, v.GetProperty(p.Name))));
            return $"{table}: expected {row}\nfound {near}";
        }

        return null;
    }

    private async Task<List<JsonElement>> RowsAsync(string table)
    {
        await using var source = NpgsqlDataSource.Create(_source.ConnectionString + ";Timezone=UTC");
        await using var command = source.CreateCommand($"SELECT row_to_json(whole)::text FROM {table} whole");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<JsonElement>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) rows.Add(JsonDocument.Parse(reader.GetString(0)).RootElement);
        return rows;
    }
}
