using System.Net;
using DotNet.Testcontainers.Builders;

[assembly: AssemblyFixture(typeof(Pathway.Tests.Integration.Servers.S3Server))]

namespace Pathway.Tests.Integration.Servers;

/// <summary>A server that speaks S3's protocol: MinIO in a container, or <c>moto_server</c> as a process of this machine. It starts when a test first needs it and ends with the run; where neither can be had, the test is skipped.</summary>
public sealed class S3Server : IAsyncLifetime
{
    private const string User = "tests", Secret = "secret-of-tests";
    private IServerHost? _host;
    private int _port;

    /// <summary>What is missing here, as a sentence; null for nothing.</summary>
    private static string? Missing => Tools.Find("moto_server") is null ? "No S3 server is here: install moto_server (the Python package moto with its extra 'server'), or start Docker." : null;

    /// <summary>What a program needs in its environment to speak to it.</summary>
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>
    {
        ["AWS_ENDPOINT_URL"] = $"http://127.0.0.1:{_port}", ["AWS_ACCESS_KEY_ID"] = User, ["AWS_SECRET_ACCESS_KEY"] = Secret, ["AWS_REGION"] = "us-east-1",
    };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Starts it unless it runs, makes a bucket, and lets this process's own clients speak to it.</summary>
    /// <returns>The bucket's name.</returns>
    public async Task<string> CreateBucketAsync()
    {
        ServerChoice.SkipUnlessPossible(Missing);
        if (_port == 0) _port = FreePort.Next();
        _host ??= ServerChoice.Kind == ServerKind.Docker ? CreateContainer()
            : new LocalServerHost(RunFolder.NewName("s3"), [Tools.Find("moto_server")!, "-H", "127.0.0.1", "-p", $"{_port}"], RunFolder.NewFolder("s3"), Signals.Terminate, "KILL");
        if (!_host.IsRunning) await _host.StartAsync();
        foreach (var (variable, value) in Environment) System.Environment.SetEnvironmentVariable(variable, value);
        using var client = S3.S3Client.Create();
        var bucket = $"bucket-{Guid.NewGuid():N}"[..20];
        await Eventually.SucceedsAsync(() => client.PutBucketAsync(bucket), "the S3 server answers", goesOn: () => _host.IsRunning, log: _host.ReadLogAsync);
        return bucket;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        _host = null;
    }

    private DockerServerHost CreateContainer()
    {
        var name = RunFolder.NewName("s3");
        return new DockerServerHost(name, new ContainerBuilder("minio/minio:RELEASE.2025-04-22T22-12-26Z").WithName(name).WithCommand("server", "/data").WithPortBinding(_port, 9000)
            .WithEnvironment("MINIO_ROOT_USER", User).WithEnvironment("MINIO_ROOT_PASSWORD", Secret).WithCleanUp(false)
            .WithWaitStrategy(Wait.ForUnixContainer().UntilHttpRequestIsSucceeded(r => r.ForPort(9000).ForPath("/minio/health/live").ForStatusCode(HttpStatusCode.OK))).Build());
    }
}
