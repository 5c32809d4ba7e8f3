using Pathway.Connectors;
using Pathway.Connectors.Postgres;
using Pathway.Tests.Integration.Compliance;
using Pathway.Tests.Integration.Servers;
using Sinks = Pathway.Connectors.Postgres.Postgres;

namespace Pathway.Tests.Integration.Databases;

/// <summary>What the suites of both kinds of tables share: a database of the test's own, rows as tuples of text.</summary>
public abstract class PostgresTargetCompliance(PostgresServer postgres) : TargetCompliance
{
    private protected TestDatabase Database { get; private set; } = null!;

    protected override string NameOf(string destination) => TargetTable.FromDestination(destination).FullName;

    protected override ITargetFactory Factory => Sinks.Target(Options);

    private PostgresTargetOptions Options => new() { Connection = Database.ConnectionString, Tables = TableCreation.MustExist, BulkRows = 500 };

    public override async ValueTask InitializeAsync()
    {
        await postgres.StartAsync();
        Database = await postgres.CreateDatabaseAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Database.DisposeAsync();
    }

    private protected static byte[] Tuple(params string?[] values)
    {
        using var writer = new TupleWriter();
        writer.Begin();
        foreach (var value in values) CellText.Write(writer, value);
        return writer.Written.ToArray();
    }

    private protected async Task<IReadOnlyList<TestRow>> QueryAsync(string destination, string order)
    {
        var rows = new List<TestRow>();
        await using var connection = new Npgsql.NpgsqlConnection(Database.ConnectionString);
        await connection.OpenAsync(Stop);
        await using var command = new Npgsql.NpgsqlCommand($"SELECT a, b FROM {TargetTable.FromDestination(destination).Sql} ORDER BY {order}", connection);
        await using var reader = await command.ExecuteReaderAsync(Stop);
        while (await reader.ReadAsync(Stop)) rows.Add(new TestRow(destination, reader.IsDBNull(0) ? null : reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1)));
        return rows;
    }
}

/// <summary>Rows put and deleted by key do what every target does.</summary>
[Trait("suite", "integration")]
public sealed class PostgresKeyedTargetTests(PostgresServer postgres) : PostgresTargetCompliance(postgres)
{
    /// <summary>A short text is all that column b takes.</summary>
    protected override TestRow? Oversized => new(Destination("a"), "the-large-one", new string('x', 2000));

    protected override bool KeepsHistory => false;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var name in (string[])["a", "b", "c"]) await Database.ExecuteAsync($"CREATE TABLE public.{name} (a text PRIMARY KEY, b varchar(1000))");
    }

    protected override string Destination(string name) => new TargetTable("public", name, [new("a", "text"), new("b", "varchar")], ["a"]).ToDestination();

    private protected override TestBatch With(TestBatch batch) => new(batch) { Encode = row => (Tuple(row.Key), Tuple(row.Key, row.Value)) };

    protected override Task<IReadOnlyList<TestRow>> ReadAsync(string destination) => QueryAsync(destination, "1");
}

/// <summary>Rows that are added do what every target does.</summary>
[Trait("suite", "integration")]
public sealed class PostgresRowsTargetTests(PostgresServer postgres) : PostgresTargetCompliance(postgres)
{
    protected override TestRow? Oversized => null; // rows without key can't be named by one

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var name in (string[])["a", "b", "c"]) await Database.ExecuteAsync($"CREATE TABLE public.{name} (n bigserial, a text, b varchar(1000))");
    }

    protected override string Destination(string name) => new TargetTable("public", name, [new("a", "text"), new("b", "varchar")], []).ToDestination();

    private protected override TestBatch With(TestBatch batch) => new(batch) { Encode = row => ([], Tuple(row.Key, row.Value)), Has = _ => (false, true) };

    protected override Task<IReadOnlyList<TestRow>> ReadAsync(string destination) => QueryAsync(destination, "n");
}
