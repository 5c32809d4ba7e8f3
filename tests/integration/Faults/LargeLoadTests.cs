using System.Collections;
using System.Globalization;
using Confluent.Kafka;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>An initial load that is many times larger than the memory: it streams through.</summary>
[Trait("suite", "long")]
public sealed class LargeLoadTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : SyncTest(postgres, kafka, output)
{
    private const int RowsOfGigabyte = 1_000_000, RowsOfStatement = 100_000;

    /// <summary>Ten gigabytes, or as many as PATHWAY_LOAD_GB says, in at most 512 MB.</summary>
    [Fact]
    public async Task Sync_LoadOfTenGigabytes_StaysWithinMemory()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATHWAY_LONG") == "1", "takes minutes and 40 GB of disk: PATHWAY_LONG=1 runs it");
        var gigabytes = Environment.GetEnvironmentVariable("PATHWAY_LOAD_GB") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 10;
        await Postgres.StartAsync();
        await Kafka.StartAsync();
        await using var database = await Postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE notes (id bigint PRIMARY KEY, note text NOT NULL)");
        for (var from = 0; from < gigabytes * RowsOfGigabyte; from += RowsOfStatement)
            await database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO notes SELECT g, repeat(md5(g::text), 31) FROM generate_series({from}, {from + RowsOfStatement - 1}) g"));
        var sync = new SyncRun(database, Kafka.BootstrapServers, tables: "public.notes", more: "memory: 400MB");
        await using var running = sync.Start();
        var (rows, peak, since) = ((long)gigabytes * RowsOfGigabyte, 0L, System.Diagnostics.Stopwatch.StartNew());
        await Eventually.TrueAsync(
            async () =>
            {
                peak = Math.Max(peak, ResidentMemory.Of(running.Id));
                return await Kafka.CountVisibleAsync($"{sync.Prefix}.public.notes") >= rows;
            },
            "all rows arrived",
            TimeSpan.FromMinutes(5 + (3 * gigabytes)));
        Output.WriteLine($"{rows} rows in {since.Elapsed.TotalSeconds:0} s, peak {peak >> 20} MB");
        Assert.True(peak < 512L << 20, $"resident memory reached {peak >> 20} MB");
        Assert.True(await running.TerminateAsync() == 0, running.Everything);
        AssertEachOnce($"{sync.Prefix}.public.notes", rows);
    }

    private void AssertEachOnce(string topic, long rows)
    {
        var config = new ConsumerConfig { BootstrapServers = Kafka.BootstrapServers, GroupId = "reader-of-a-large-load", EnableAutoCommit = false, EnablePartitionEof = true, IsolationLevel = IsolationLevel.ReadCommitted };
        using var consumer = new ConsumerBuilder<string, Ignore>(config).Build();
        consumer.Assign([new TopicPartitionOffset(topic, 0, 0), new TopicPartitionOffset(topic, 1, 0)]);
        var (seen, found) = (new BitArray(checked((int)rows)), 0L);
        for (var open = 2; open > 0;)
        {
            var record = consumer.Consume(TimeSpan.FromSeconds(60)) ?? throw new TimeoutException($"Only {found} of {rows} records came.");
            if (record.IsPartitionEOF)
            {
                open--;
                continue;
            }

            var id = int.Parse(record.Message.Key.AsSpan()["{\"id\":".Length..^1], CultureInfo.InvariantCulture);
            Assert.False(seen[id], $"row {id} came twice");
            seen[id] = true;
            found++;
        }

        Assert.Equal(rows, found);
    }
}
