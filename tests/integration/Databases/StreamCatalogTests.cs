using Npgsql;
using Pathway.Connectors.Postgres;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Databases;

/// <summary>The catalog is asked again for what was committed behind its last answer, and only for that.</summary>
[Trait("suite", "integration")]
public sealed class StreamCatalogTests(PostgresServer postgres)
{
    [Fact]
    public async Task FindTable_ChangedBehindTheAnswer_IsAskedAgain()
    {
        await postgres.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var first = await HereAsync(database);
        await database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY, note text)");
        var oid = await database.ScalarAsync<uint>("SELECT 'orders'::regclass::oid");
        var catalog = new StreamCatalog(source);
        var before = catalog.FindTable(oid, first)!;
        var second = await HereAsync(database);
        await database.ExecuteAsync("ALTER TABLE orders RENAME COLUMN note TO remark");
        Assert.Equal(["id", "note"], catalog.FindTable(oid, first)!.Columns.Select(c => c.Name)); // nearer to it than what is true now
        Assert.Same(before, catalog.FindTable(oid, first));
        Assert.Equal(["id", "remark"], catalog.FindTable(oid, second)!.Columns.Select(c => c.Name));
        var third = await HereAsync(database);
        await database.ExecuteAsync("DROP TABLE orders");
        Assert.NotNull(catalog.FindTable(oid, second));
        Assert.Null(catalog.FindTable(oid, third));
    }

    [Fact]
    public async Task FindType_LabelAddedBehindTheAnswer_IsAskedAgain()
    {
        await postgres.StartAsync();
        await using var database = await postgres.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var first = await HereAsync(database);
        await database.ExecuteAsync("CREATE TYPE mood AS ENUM ('sad')");
        var oid = await database.ScalarAsync<uint>("SELECT 'mood'::regtype::oid");
        var catalog = new StreamCatalog(source);
        Assert.Equal(["sad"], catalog.FindType(oid, first)!.EnumLabels);
        var second = await HereAsync(database);
        await database.ExecuteAsync("ALTER TYPE mood ADD VALUE 'glad'");
        Assert.Equal(["sad"], catalog.FindType(oid, first)!.EnumLabels);
        Assert.Equal(["sad", "glad"], catalog.FindType(oid, second)!.EnumLabels);
    }

    private static async Task<Lsn> HereAsync(TestDatabase database) => Lsn.Parse(await database.ScalarAsync<string>("SELECT pg_current_wal_insert_lsn()::text"));
}
