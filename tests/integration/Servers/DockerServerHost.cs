using DotNet.Testcontainers.Containers;

namespace Pathway.Tests.Integration.Servers;

/// <summary>A server in a container with fixed ports.</summary>
/// <param name="name">The container's name, unique on this machine.</param>
/// <param name="container">The container, built but not started.</param>
internal sealed class DockerServerHost(string name, IContainer container) : IServerHost
{
    private static readonly TimeSpan StartWait = TimeSpan.FromMinutes(2);
    private bool _exists;

    public bool IsRunning { get; private set; }

    public async Task StartAsync()
    {
        using var deadline = new CancellationTokenSource(StartWait);
        if (_exists)
        {
            await DockerAsync("start", name);
        }
        else
        {
            // The module's own start also prepares the container (Kafka gets its start script then).
            RunFolder.WatchContainer(name);
            _exists = true;
            await container.StartAsync(deadline.Token);
        }

        IsRunning = true;
    }

    public Task StopAsync() => EndAsync("stop", "--time", "40", name);

    public Task KillAsync() => EndAsync("kill", "--signal", "KILL", name);

    public Task PauseAsync() => DockerAsync("pause", name);

    public Task ResumeAsync() => DockerAsync("unpause", name);

    public Task<string> ReadLogAsync() => DockerAsync("logs", "--tail", "40", name);

    public async ValueTask DisposeAsync()
    {
        if (_exists) await EndAsync("rm", "--force", "--volumes", name);
        RunFolder.Forget(name);
    }

    private async Task EndAsync(params string[] arguments)
    {
        await DockerAsync(arguments);
        IsRunning = false;
    }

    private static Task<string> DockerAsync(params string[] arguments) => Tools.RunAsync(["docker", .. arguments]);
}
