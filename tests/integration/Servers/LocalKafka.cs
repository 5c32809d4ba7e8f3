namespace Pathway.Tests.Integration.Servers;

/// <summary>Apache Kafka as a process: one broker and controller, 127.0.0.1 only. Found by KAFKA_HOME, else in ../shared/kafka beside the repository.</summary>
internal static class LocalKafka
{
    /// <summary>What is missing here, as a sentence; null for nothing.</summary>
    public static string? Missing =>
        Home is null ? "Apache Kafka isn't here: unpack a download of it (4.x), set KAFKA_HOME to its folder, or start Docker."
        : Java is null ? "Java 17 or newer isn't here, which Kafka needs (Debian: apt-get install openjdk-17-jre-headless); or start Docker."
        : null;

    private static string? Home => Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home ? home : BesideRepository("kafka");

    private static string? Java => Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } home ? home : Tools.Find("java");

    public static async Task<IServerHost> CreateAsync(int port, int proxiedPort, int advertisedProxyPort, IReadOnlyDictionary<string, string> settings)
    {
        var folder = RunFolder.NewFolder("kafka");
        var controllerPort = FreePort.Next();
        var own = new Dictionary<string, string>
        {
            ["process.roles"] = "broker,controller", ["node.id"] = "1", ["controller.quorum.voters"] = $"1@127.0.0.1:{controllerPort}",
            ["listeners"] = $"PLAINTEXT://127.0.0.1:{port},PROXIED://127.0.0.1:{proxiedPort},CONTROLLER://127.0.0.1:{controllerPort}",
            ["advertised.listeners"] = $"PLAINTEXT://127.0.0.1:{port},PROXIED://127.0.0.1:{advertisedProxyPort}",
            ["controller.listener.names"] = "CONTROLLER", ["inter.broker.listener.name"] = "PLAINTEXT",
            ["listener.security.protocol.map"] = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT",
            ["log.dirs"] = Path.Combine(folder, "data"), ["num.network.threads"] = "2", ["num.io.threads"] = "4", ["log.cleaner.threads"] = "1",
        };
        foreach (var (setting, value) in settings) own[setting] = value;
        var properties = Path.Combine(folder, "server.properties");
        await File.WriteAllLinesAsync(properties, own.Select(s => $"{s.Key}={s.Value}"));
        var clusterId = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', 'a').Replace('/', 'b');
        await Tools.RunAsync("env", $"LOG_DIR={folder}", Path.Combine(Home!, "bin/kafka-storage.sh"), "format", "--cluster-id", clusterId, "--config", properties);
        return new LocalServerHost(
            RunFolder.NewName("kafka"), [Path.Combine(Home!, "bin/kafka-server-start.sh"), properties], folder, Signals.Terminate, "KILL",
            new Dictionary<string, string> { ["KAFKA_HEAP_OPTS"] = "-Xms256m -Xmx768m", ["LOG_DIR"] = folder });
    }

    /// <summary>A folder of ../shared beside the folder of Pathway.sln, or of one above it.</summary>
    private static string? BesideRepository(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var beside = Path.Combine(folder.FullName, "shared", name);
            if (Directory.Exists(beside)) return beside;
        }

        return null;
    }
}
