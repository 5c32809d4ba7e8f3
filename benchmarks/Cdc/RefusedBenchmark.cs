using System.Globalization;
using Pathway.Connectors.Postgres;
using Pathway.Tests.Integration.Servers;
using PostgresSource = Pathway.Connectors.Postgres.Postgres;

namespace Pathway.Benchmarks.Cdc;

/// <summary>Postgres → Postgres with dead letters: rows/s where the target takes all rows, and where it refuses one in a hundred.</summary>
internal static class RefusedBenchmark
{
    private const int Rounds = 3;

    public static async Task RunAsync(int scale)
    {
        await CdcBenchmark.WithServersAsync(async (database, _, folder) =>
        {
            var (connection, rows) = (database.ConnectionString, 40_000 * scale);
            await BenchTable.ExecuteAsync(connection, "CREATE SCHEMA copy; CREATE TABLE rows (id int PRIMARY KEY, size int, note text)");
            foreach (var (what, table) in new[] { ("all rows are taken", "size int"), ("a constraint refuses 1 of 100", "size int CHECK (size < 40000)") })
            {
                for (var round = 1; round <= Rounds; round++)
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"refused_{table.Length}_{round}");
                    await BenchTable.ExecuteAsync(connection, $"DROP TABLE IF EXISTS copy.rows; CREATE TABLE copy.rows (id int PRIMARY KEY, {table}, note text)");
                    await RunAsync(connection, folder, name, static (pipeline, _) => pipeline.Status.Streaming);
                    await BenchTable.WriteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"""
                        DO $$ BEGIN
                          FOR i IN 0 .. {(rows / 10) - 1} LOOP
                            INSERT INTO rows SELECT g, CASE WHEN g % 100 = 7 THEN 40000 ELSE g % 100 END, 'note ' || g FROM generate_series(i * 10, i * 10 + 9) g;
                            COMMIT;
                          END LOOP;
                        END $$
                        """));
                    var rate = 0.0;
                    await RunAsync(connection, folder, name, async (pipeline, running) => rate = await BenchSync.DeliveredAsync(pipeline.Status, running, rows));
                    var put = await BenchTable.ScalarAsync(connection, "SELECT (SELECT count(*) FROM copy.rows) || ' in the table, ' || (SELECT count(*) FROM pathway.refused) || ' letters'");
                    await BenchTable.ExecuteAsync(connection, $"SELECT pg_drop_replication_slot('{name}'); DROP PUBLICATION {name}; TRUNCATE rows, pathway.refused");
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {rate / 1000:0.0} k rows/s ({put})"));
                }
            }
        });
    }

    private static async Task RunAsync(string connection, string folder, string name, Func<Pipeline, Task, Task> act)
    {
        var pipeline = Pipeline.Create(name, options => options with { StateDirectory = Path.Combine(folder, name) });
        var source = PostgresSource.Changes(["public.rows"], new PostgresOptions { Connection = connection, Name = name, InitialLoad = false });
        var target = new PostgresTargetOptions { Connection = connection, Tables = TableCreation.MustExist, DeadLetters = "pathway.refused" };
        pipeline.Stream(source).To(PostgresSource.Replica(target, "rows", new ReplicaOptions { Schema = "copy" }, []));
        using var stop = new CancellationTokenSource();
        var running = pipeline.RunAsync(stop: stop.Token);
        await act(pipeline, running);
        await stop.CancelAsync();
        await running;
    }
}
