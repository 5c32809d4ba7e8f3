namespace Pathway.Tests.Integration.Servers;

/// <summary>A database of one test.</summary>
public sealed class TestDatabase(PostgresServer server, string name) : IAsyncDisposable
{
    public string Name { get; } = name;

    /// <summary>Npgsql's words, as superuser, without pool.</summary>
    public string ConnectionString => server.ConnectionStringFor(Name);

    public Task ExecuteAsync(string sql) => PostgresServer.ExecuteAsync(ConnectionString, sql);

    public Task<T> ScalarAsync<T>(string sql) => PostgresServer.ScalarAsync<T>(ConnectionString, sql);

    public async ValueTask DisposeAsync()
    {
        // Slots hold the write-ahead log back and keep the database from being dropped; a slot in use needs its wal sender gone first.
        await server.StartAsync();
        await PostgresServer.ExecuteAsync(server.AdminConnectionString, $"select pg_terminate_backend(active_pid) from pg_replication_slots where database = '{Name}' and active");
        await Eventually.TrueAsync(
            async () => await PostgresServer.ScalarAsync<long>(server.AdminConnectionString, $"select count(*) from pg_replication_slots where database = '{Name}' and active") == 0,
            $"the wal senders of {Name} are gone");
        await PostgresServer.ExecuteAsync(server.AdminConnectionString, $"select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = '{Name}'");
        await PostgresServer.ExecuteAsync(server.AdminConnectionString, $"drop database {Name} with (force)");
    }
}
