using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>One sync as users run it: a configuration, a state directory, and the command line tool started again and again on them.</summary>
internal sealed class SyncRun
{
    private readonly string _folder = RunFolder.NewFolder("sync");
    private readonly string _password;

    private SyncRun(SyncRun original)
    {
        (_password, Name, Prefix) = (original._password, original.Name, original.Prefix);
        File.WriteAllText(Config, File.ReadAllText(original.Config).Replace(original.State, State, StringComparison.Ordinal));
        foreach (var file in Directory.EnumerateFiles(original.State, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) is not ("lock" or "control.sock")))
        {
            var target = Path.Combine(State, Path.GetRelativePath(original.State, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public SyncRun(TestDatabase database, string bootstrapServers, string tables = "public.customers, public.orders", bool initialLoad = true, string? more = null, string? prefix = null, string? before = null, string? to = null, string? from = null)
    {
        Prefix = prefix ?? database.Name;
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString);
        _password = connection.Password ?? "";
        connection.Password = null;
        Name = database.Name.Replace('_', '-');
        File.WriteAllText(Config, $$"""
            name: {{Name}}
            state: {{State}}
            commit-every: 50ms
            from:
              {{from ?? $$"""postgres: { connection: "{{connection.ConnectionString}};Password=${PGPASSWORD}", tables: [{{tables}}], initial-load: {{(initialLoad ? "true" : "false")}}, before: {{before ?? "placeholder"}} }"""}}
            to:
              {{to ?? $$"""kafka: { topic-prefix: {{Prefix}}, topics: create, partitions: 2, format: debezium-json, client: { bootstrap.servers: "{{bootstrapServers}}" } }"""}}
            {{more}}
            """);
    }

    /// <summary>One whose target is the database <paramref name="target"/> of the same server.</summary>
    public static SyncRun ToPostgres(TestDatabase database, TestDatabase target, string tables, string? settings = null, string? more = null)
    {
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(target.ConnectionString) { Password = null };
        return new SyncRun(database, "", tables, more: more, to: $$"""postgres: { connection: "{{connection.ConnectionString}};Password=${PGPASSWORD}"{{(settings is null ? "" : ", " + settings)}} }""");
    }

    /// <summary>One from Debezium's topics into the database <paramref name="target"/>.</summary>
    public static SyncRun KafkaToPostgres(TestDatabase target, string bootstrapServers, string topics, string? settings = null)
    {
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(target.ConnectionString) { Password = null };
        return new SyncRun(
            target, bootstrapServers, from: $$"""kafka: { topics: [{{topics}}], client: { bootstrap.servers: "{{bootstrapServers}}" } }""",
            to: $$"""postgres: { connection: "{{connection.ConnectionString}};Password=${PGPASSWORD}"{{(settings is null ? "" : ", " + settings)}} }""");
    }

    /// <summary>The same sync on a copy of its state directory, as it is now.</summary>
    public SyncRun OnACopyOfItsState() => new(this);

    /// <summary>From now on it reaches PostgreSQL through another port, such as a proxy's.</summary>
    public void ThroughPort(int direct, int other) => File.WriteAllText(Config, File.ReadAllText(Config).Replace($"Port={direct};", $"Port={other};", StringComparison.Ordinal));

    /// <summary>The pipeline's name.</summary>
    public string Name { get; }

    /// <summary>The topics' prefix.</summary>
    public string Prefix { get; }

    /// <summary>The configuration's file.</summary>
    public string Config => Path.Combine(_folder, "sync.yaml");

    /// <summary>The state directory.</summary>
    public string State => Path.Combine(_folder, "state");

    /// <summary>Starts it, with a fail point armed if one is given.</summary>
    public PathwayProcess Start(string? failPoints = null, params string[] arguments) => PathwayProcess.Start(
        ["sync", "--config", Config, .. arguments], new Dictionary<string, string?> { ["PATHWAY_FAILPOINTS"] = failPoints, ["PGPASSWORD"] = _password }, _folder);

    /// <summary>Starts another command that reads its configuration, which stands behind the arguments.</summary>
    public PathwayProcess Command(params string[] arguments) => PathwayProcess.Start([.. arguments, "--config", Config], new Dictionary<string, string?> { ["PGPASSWORD"] = _password }, _folder);

    /// <summary>Starts it and waits until it streams.</summary>
    public async Task<PathwayProcess> StartStreamingAsync(string? failPoints = null, params string[] arguments)
    {
        var process = Start(failPoints, arguments);
        await process.WaitForLineAsync("(?i)streaming");
        return process;
    }
}
