using DotNet.Testcontainers.Builders;
using Npgsql;
using Testcontainers.PostgreSql;

[assembly: AssemblyFixture(typeof(Pathway.Tests.Integration.Servers.PostgresServer))]

namespace Pathway.Tests.Integration.Servers;

/// <summary>A PostgreSQL with logical decoding, for tests: take it as a constructor argument of the test class. It starts when a test first needs it and ends with the run.</summary>
/// <remarks>A test that kills or stops it starts it again. Where it can't be had here, the test is skipped.</remarks>
public sealed class PostgresServer : IAsyncLifetime
{
    public const string AdminUser = "postgres";
    private const string Password = "secret-of-tests";

    // Testcontainers switches fsync, synchronous_commit and full_page_writes off; tests that kill the server need them.
    private readonly Dictionary<string, string> _settings = new()
    {
        ["wal_level"] = "logical", ["max_wal_senders"] = "100", ["max_replication_slots"] = "200", ["max_connections"] = "200",
        ["fsync"] = "on", ["synchronous_commit"] = "on", ["full_page_writes"] = "on", ["shared_buffers"] = "32MB",
    };

    private readonly SemaphoreSlim _starting = new(1);
    private IServerHost? _host;

    public PostgresServer()
    {
    }

    private PostgresServer(IReadOnlyDictionary<string, string> settings)
    {
        foreach (var (setting, value) in settings) _settings[setting] = value;
    }

    /// <summary>One of its own with further settings (such as max_slot_wal_keep_size); the test disposes it.</summary>
    public static PostgresServer With(IReadOnlyDictionary<string, string> settings) => new(settings);

    /// <summary>The port on 127.0.0.1, the same from start to start.</summary>
    public int Port { get; private set; }

    /// <summary>Npgsql's words for the superuser in database postgres. No pool, so that tests may kill the server without leaving broken connections behind.</summary>
    public string AdminConnectionString => ConnectionStringFor("postgres");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Starts it unless it runs; returns when it answers.</summary>
    public async Task StartAsync()
    {
        ServerChoice.SkipUnlessPossible(LocalPostgres.Missing);
        await _starting.WaitAsync();
        try
        {
            if (Port == 0) Port = FreePort.Next();
            _host ??= ServerChoice.Kind == ServerKind.Local ? await LocalPostgres.CreateAsync(Port, Password, _settings) : CreateContainer();
            if (_host.IsRunning) return;
            await _host.StartAsync();
            await Eventually.SucceedsAsync(() => ScalarAsync<int>(AdminConnectionString, "select 1"), "PostgreSQL answers", goesOn: () => _host.IsRunning, log: _host.ReadLogAsync);
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Stops it in order (fast shutdown).</summary>
    public Task StopAsync() => Host.StopAsync();

    /// <summary>Kills every process of it, as kill -9 and power loss of the process do; files stay.</summary>
    public Task KillAsync() => Host.KillAsync();

    /// <summary>Stops and starts it.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Freezes it: connections stay open and silent.</summary>
    public Task PauseAsync() => Host.PauseAsync();

    /// <summary>Lets it go on.</summary>
    public Task ResumeAsync() => Host.ResumeAsync();

    /// <summary>A standby that follows this server, started; the test disposes it. Only where servers are processes of this machine.</summary>
    public async Task<PostgresServer> CreateStandbyAsync()
    {
        if (ServerChoice.Kind != ServerKind.Local) Assert.Skip("a standby is made from binaries of this machine (PATHWAY_SERVERS=local)");
        var standby = new PostgresServer(_settings) { Port = FreePort.Next() };
        standby._host = await LocalPostgres.CreateStandbyAsync(standby.Port, Port, Password, _settings);
        await standby.StartAsync();
        return standby;
    }

    /// <summary>Stops it, makes it forget its WAL (pg_resetwal), starts it. Only where servers are processes of this machine.</summary>
    public async Task ResetWalAsync()
    {
        if (ServerChoice.Kind != ServerKind.Local) Assert.Skip("pg_resetwal needs the server's files (PATHWAY_SERVERS=local)");
        var data = await ScalarAsync<string>(AdminConnectionString, "select current_setting('data_directory')");
        await StopAsync();
        await LocalPostgres.ResetWalAsync(data);
        await StartAsync();
    }

    /// <summary>A new, empty database. Disposing it drops it with its replication slots.</summary>
    public async Task<TestDatabase> CreateDatabaseAsync()
    {
        await StartAsync();
        var name = $"test_{Guid.NewGuid():N}"[..20];
        await ExecuteAsync(AdminConnectionString, $"create database {name}");
        return new TestDatabase(this, name);
    }

    /// <summary>Ends every wal sender (replication connection), or only that of <paramref name="slot"/>; returns how many.</summary>
    public Task<long> TerminateWalSendersAsync(string? slot = null) => ScalarAsync<long>(
        AdminConnectionString,
        slot is null
            ? "select count(pg_terminate_backend(pid)) from pg_stat_replication"
            : $"select count(pg_terminate_backend(active_pid)) from pg_replication_slots where active and slot_name = '{slot}'");

    public string ConnectionStringFor(string database) =>
        new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = Port, Username = AdminUser, Password = Password, Database = database, Pooling = false, Timeout = 10 }.ConnectionString;

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> ScalarAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        _host = null;
    }

    private IServerHost Host => _host ?? throw new InvalidOperationException("PostgreSQL wasn't started: call StartAsync or CreateDatabaseAsync first.");

    private DockerServerHost CreateContainer()
    {
        var name = RunFolder.NewName("postgres");
        string[] command = [.. _settings.SelectMany(s => new[] { "-c", $"{s.Key}={s.Value}" })];
        return new DockerServerHost(name, new PostgreSqlBuilder("postgres:15").WithName(name).WithUsername(AdminUser).WithPassword(Password).WithDatabase("postgres")
            .WithPortBinding(Port, PostgreSqlBuilder.PostgreSqlPort).WithCommand(command).WithCleanUp(false).Build());
    }
}
