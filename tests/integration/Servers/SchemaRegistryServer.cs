namespace Pathway.Tests.Integration.Servers;

/// <summary>A schema registry of Confluent's protocol as a process of this machine, found by SCHEMA_REGISTRY_HOME, else in ../shared/registry beside the repository. Its data outlives a stop.</summary>
public sealed class SchemaRegistryServer : IAsyncDisposable
{
    private readonly string _folder = RunFolder.NewFolder("registry");
    private readonly string _name = RunFolder.NewName("registry");
    private readonly int _port = FreePort.Next();

    /// <summary>What is missing here, as a sentence; null for nothing.</summary>
    private static string? Missing =>
        Home is null ? "The schema registry for tests isn't here: set SCHEMA_REGISTRY_HOME to a folder with bin/schema-registry-start.sh."
        : Tools.Find("java") is null ? "Java 17 or newer isn't here, which the schema registry needs."
        : null;

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port => _port;

    /// <summary>Its address.</summary>
    public string Url => $"http://127.0.0.1:{_port}/apis/ccompat/v7";

    private static string? Home => Environment.GetEnvironmentVariable("SCHEMA_REGISTRY_HOME") is { Length: > 0 } home ? home : Beside();

    private string Variables => $"REGISTRY_RUN_DIR={_folder}";

    /// <summary>Starts it; where it can't be had here, the test is skipped.</summary>
    public async Task StartAsync()
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        await Tools.RunAsync("env", Variables, Path.Combine(Home!, "bin/schema-registry-start.sh"), $"{_port}", Path.Combine(_folder, "data"));
        RunFolder.WatchProcess(_name, int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "pid")), System.Globalization.CultureInfo.InvariantCulture));
    }

    public async Task StopAsync()
    {
        await Tools.RunAsync("env", Variables, Path.Combine(Home!, "bin/schema-registry-stop.sh"), $"{_port}");
        RunFolder.Forget(_name);
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(_folder, "pid"))) await StopAsync();
    }

    private static string? Beside()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var beside = Path.Combine(folder.FullName, "shared", "registry");
            if (Directory.Exists(beside)) return beside;
        }

        return null;
    }
}
