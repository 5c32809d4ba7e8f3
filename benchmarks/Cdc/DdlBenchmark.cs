using System.Globalization;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Benchmarks.Cdc;

/// <summary>A table that changes all the time: rows/s through the product ÷ rows/s of a reader that throws away, with a new version of the table every dozen transactions of a row.</summary>
internal static class DdlBenchmark
{
    private const int StatementsOfAVersion = 12, Rounds = 3;

    public static async Task RunAsync(int scale)
    {
        await CdcBenchmark.WithServersAsync(async (database, kafka, folder) =>
        {
            var (connection, versions) = (database.ConnectionString, 500 * scale);
            var rows = versions * StatementsOfAVersion;
            await BenchTable.ExecuteAsync(connection, BenchTable.Create);
            await BenchTable.ExecuteAsync(connection, "CREATE PUBLICATION bare FOR TABLE bench");
            foreach (var avro in (bool[])[false, true])
            {
                for (var round = 1; round <= Rounds; round++)
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"ddl_{(avro ? "avro" : "json")}_{round}");
                    await using (var first = new BenchSync(connection, kafka.BootstrapServers, name, folder, initialLoad: false, avro: avro)) await first.StreamingAsync();
                    await BenchTable.ExecuteAsync(connection, $"SELECT pg_create_logical_replication_slot('{name}_bare', 'pgoutput')");
                    await ChangeAsync(connection, versions);
                    var bareRate = await BareReader.RunAsync(connection, name + "_bare", "bare", rows);
                    double ourRate;
                    await using (var sync = new BenchSync(connection, kafka.BootstrapServers, name, folder, initialLoad: false, avro: avro)) ourRate = await sync.DeliveredAsync(rows);
                    await BenchTable.ExecuteAsync(connection, $"SELECT pg_drop_replication_slot('{name}_bare'), pg_drop_replication_slot('{name}')");
                    await BenchTable.ExecuteAsync(connection, $"DROP PUBLICATION {name}; TRUNCATE bench");
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a version of the table every {StatementsOfAVersion} rows, {(avro ? "Avro" : "JSON")}: {ourRate:0} rows/s, bare loop {bareRate:0} rows/s, ratio {ourRate / bareRate:0.00}"));
                }
            }
        });
    }

    // Renamed and widened, so that the table's number of columns stays.
    private static Task ChangeAsync(string connection, int versions) => BenchTable.WriteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"""
        DO $$
        DECLARE last text := (SELECT attname FROM pg_attribute WHERE attrelid = 'bench'::regclass AND attnum = 6);
        BEGIN
          FOR v IN 1 .. {versions} LOOP
            EXECUTE format('ALTER TABLE bench RENAME COLUMN %I TO %I', last, 'note' || v);
            last := 'note' || v;
            COMMIT;
            FOR i IN 1 .. {StatementsOfAVersion} LOOP
              INSERT INTO bench VALUES (v * {StatementsOfAVersion} + i, i, 1.5, 'open', '2024-01-01', 'note', true, 0.5);
              COMMIT;
            END LOOP;
          END LOOP;
        END $$
        """));
}
