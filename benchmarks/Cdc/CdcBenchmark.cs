using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Benchmarks.Cdc;

/// <summary>Postgres → Kafka, the whole durable path against bare loops on the same libraries, in one run.</summary>
internal static class CdcBenchmark
{
    private const int Rounds = 3, Writers = 4, RowsEach = 10;

    /// <summary>The stream: rows/s through the product ÷ rows/s of a reader that throws away, for transactions of 1, 10 and 1000 rows; the larger ones as JSON and as Avro.</summary>
    /// <param name="scale">How many times as many rows.</param>
    /// <param name="only">"json 10" for one form and size of transactions; null for all.</param>
    public static async Task StreamAsync(int scale, string? only)
    {
        await WithServersAsync(async (database, kafka, folder) =>
        {
            var connection = database.ConnectionString;
            await BenchTable.ExecuteAsync(connection, BenchTable.Create);
            await BenchTable.ExecuteAsync(connection, "CREATE PUBLICATION bare FOR TABLE bench");
            foreach (var (rowsEach, rows, avro) in new[] { (1, 40_000L * scale, false), (10, 100_000L * scale, false), (10, 100_000L * scale, true), (1000, 300_000L * scale, false), (1000, 300_000L * scale, true) })
            {
                var what = string.Create(CultureInfo.InvariantCulture, $"{(avro ? "avro" : "json")} {rowsEach}");
                if (only is not null && only != what) continue;
                var (bare, ours, cost) = (new List<double>(), new List<double>(), new List<double>());
                for (var round = 0; round <= Rounds; round++)
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"stream-{(avro ? "avro" : "json")}-{rowsEach}-{round}");
                    var slot = name.Replace('-', '_') + "_bare";
                    await using (var first = new BenchSync(connection, kafka.BootstrapServers, name, folder, initialLoad: false, avro: avro)) await first.StreamingAsync();
                    await BenchTable.ExecuteAsync(connection, $"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')");
                    var from = long.Parse(await BenchTable.ScalarAsync(connection, "SELECT coalesce(max(id), 0) + 1 FROM bench"), CultureInfo.InvariantCulture);
                    await BenchTable.InsertAsync(connection, from, rows, rowsEach);
                    var bareRate = await BareReader.RunAsync(connection, slot, "bare", rows);
                    double ourRate;
                    var cpu = CpuClock.Start();
                    await using (var sync = new BenchSync(connection, kafka.BootstrapServers, name, folder, initialLoad: false, avro: avro)) ourRate = await sync.DeliveredAsync(rows);
                    var micros = cpu.Elapsed.TotalMicroseconds / rows;
                    await BenchTable.ExecuteAsync(connection, $"SELECT pg_drop_replication_slot('{slot}'), pg_drop_replication_slot('{name.Replace('-', '_')}')");
                    await BenchTable.ExecuteAsync(connection, $"DROP PUBLICATION {name.Replace('-', '_')}; TRUNCATE bench");
                    if (round == 0) continue; // warm-up
                    bare.Add(bareRate);
                    ours.Add(ourRate);
                    cost.Add(micros);
                }

                Report(string.Create(CultureInfo.InvariantCulture, $"stream, {(avro ? "Avro" : "JSON")}, transactions of {rowsEach} ({Median(cost):0.0} µs of our processor time a row)"), ours, bare);
            }
        });
    }

    /// <summary>The initial load: rows/s ÷ a bare loop from COPY into Kafka transactions with records of the same size and, where ours have them, the same headers.</summary>
    public static async Task LoadAsync(int scale)
    {
        await WithServersAsync(async (database, kafka, folder) =>
        {
            var connection = database.ConnectionString;
            var rows = 300_000L * scale;
            await BenchTable.ExecuteAsync(connection, BenchTable.Create);
            await BenchTable.InsertAsync(connection, 1, rows, 10_000);
            await BenchTable.ExecuteAsync(connection, "VACUUM ANALYZE bench");
            foreach (var headers in new[] { true, false })
            {
                var (bare, ours) = (new List<double>(), new List<double>());
                for (var round = 0; round <= Rounds; round++)
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"load-{(headers ? "headers" : "plain")}-{round}");
                    await kafka.CreateTopicAsync(name + "-bare", partitions: 3);
                    var bareRate = await BareLoad.RunAsync(connection, kafka.BootstrapServers, name + "-bare", valueBytes: 640, headers);
                    double ourRate;
                    await using (var sync = new BenchSync(connection, kafka.BootstrapServers, name, folder, initialLoad: true, headers)) ourRate = await sync.DeliveredAsync(rows);
                    await BenchTable.ExecuteAsync(connection, $"SELECT pg_drop_replication_slot('{name.Replace('-', '_')}')");
                    if (round == 0) continue;
                    bare.Add(bareRate);
                    ours.Add(ourRate);
                }

                Report(headers ? "initial load, with Debezium's context headers" : "initial load", ours, bare);
            }
        });
    }

    /// <summary>Row committed in Postgres → visible to a read_committed consumer, at so many rows/s in transactions of 10 rows from four sessions. The first half warms up: a broker takes about 15 s until it is compiled.</summary>
    public static async Task LatencyAsync(int seconds, int rate)
    {
        await WithServersAsync(async (database, kafka, folder) =>
        {
            var connection = database.ConnectionString;
            await BenchTable.ExecuteAsync(connection, "CREATE TABLE bench (id bigint PRIMARY KEY, at double precision NOT NULL)");
            await using var sync = new BenchSync(connection, kafka.BootstrapServers, "latency", folder, initialLoad: false);
            await sync.StreamingAsync();
            using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
            {
                BootstrapServers = kafka.BootstrapServers, GroupId = "latency", IsolationLevel = IsolationLevel.ReadCommitted, AutoOffsetReset = AutoOffsetReset.Earliest, FetchWaitMaxMs = 5,
            }).Build();
            var total = rate * seconds;
            var took = Stopwatch.StartNew();
            var writing = WriteAsync(connection, rate, total).ContinueWith(_ => took.Elapsed, TaskScheduler.Default);
            await kafka.ConsumeAllAsync("__pathway.latency"); // the topics are there once the first row was delivered
            await Eventually.TrueAsync(async () => (await kafka.ListTopicsAsync()).Contains("latency.public.bench"), "the topic is there");
            consumer.Assign(Enumerable.Range(0, 3).Select(p => new TopicPartitionOffset("latency.public.bench", p, Offset.Beginning)));
            var latencies = new List<double>(total);
            while (latencies.Count < total)
            {
                if (consumer.Consume(1000) is not { } record || record.Message.Value is null) continue;
                var now = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalMilliseconds;
                using var json = JsonDocument.Parse(record.Message.Value);
                latencies.Add(now - (json.RootElement.GetProperty("source").GetProperty("ts_us").GetInt64() / 1000.0));
            }

            var written = await writing;
            consumer.Close();
            var settled = latencies.Skip(total / 2).Order().ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"latency at {rate} rows/s: p50 {settled[settled.Count / 2]:0.0} ms, p99 {settled[(int)(settled.Count * 0.99)]:0.0} ms, {sync.Status.Commits} commits, {total / written.TotalSeconds:0} rows/s reached"));
        });
    }

    // Many sessions, each waiting for its commits as applications do: with synchronous_commit off the server would hold the WAL back, for up to wal_writer_delay (200 ms), from readers of slots as well.
    private static Task WriteAsync(string connection, int rate, int total) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(connection, writer, rate, total))));

    private static async Task WriteAsync(string connection, int writer, int rate, int total)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(connection);
        await using var session = await source.OpenConnectionAsync();
        await using var insert = new Npgsql.NpgsqlCommand("INSERT INTO bench SELECT $1 + i, extract(epoch from clock_timestamp()) FROM generate_series(0, $2 - 1) i", session) { Parameters = { new() { Value = 0L }, new() { Value = RowsEach } } };
        await insert.PrepareAsync();
        var since = Stopwatch.StartNew();
        for (long i = writer * RowsEach; i < total; i += Writers * RowsEach)
        {
            insert.Parameters[0].Value = i;
            await insert.ExecuteNonQueryAsync();
            var ahead = (i / (double)rate) - since.Elapsed.TotalSeconds;
            if (ahead > 0.002) await Task.Delay(TimeSpan.FromSeconds(ahead));
        }
    }

    private static void Report(string what, List<double> ours, List<double> bare)
    {
        var (our, theirs) = (Median(ours), Median(bare));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {our / 1000:0.0} k rows/s, bare loop {theirs / 1000:0.0} k rows/s, ratio {our / theirs:0.00}"));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Gives servers of its own and a folder to a measurement.</summary>
    public static async Task WithServersAsync(Func<TestDatabase, KafkaServer, string, Task> act)
    {
        await using var postgres = new PostgresServer();
        await using var kafka = new KafkaServer();
        await postgres.StartAsync();
        await kafka.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        var folder = Directory.CreateTempSubdirectory("pathway-bench-").FullName;
        try
        {
            await act(database, kafka, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
