using System.Diagnostics;

namespace Pathway.Tests.Integration.Servers;

/// <summary>A server that is a process of this machine, with the children that it has.</summary>
/// <param name="name">A name that's unique in the run.</param>
/// <param name="command">Program and arguments.</param>
/// <param name="folder">Where its log goes.</param>
/// <param name="stopSignal">What makes it stop in order.</param>
/// <param name="endSignal">What the guard sends when the run ends without stopping it.</param>
/// <param name="environment">Variables added to ours.</param>
internal sealed class LocalServerHost(
    string name, IReadOnlyList<string> command, string folder, int stopSignal, string endSignal, IReadOnlyDictionary<string, string>? environment = null) : IServerHost
{
    private static readonly TimeSpan StopWait = TimeSpan.FromSeconds(40);
    private Process? _process;

    private string LogFile => Path.Combine(folder, "server.log");

    public bool IsRunning => _process is { HasExited: false };

    public Task StartAsync()
    {
        if (IsRunning) throw new InvalidOperationException($"{name} runs already.");
        // The shell puts itself aside (exec), so the process id is the server's own.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >> \"$0\" 2>&1 < /dev/null", LogFile, .. command]) { WorkingDirectory = folder };
        foreach (var (variable, value) in environment ?? new Dictionary<string, string>()) start.Environment[variable] = value;
        _process = Process.Start(start)!;
        RunFolder.WatchProcess(name, _process.Id, endSignal);
        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        if (_process is null) return;
        if (IsRunning)
        {
            Signals.Send(_process.Id, stopSignal);
            SignalAll(Signals.Continue);
            using var deadline = new CancellationTokenSource(StopWait);
            try
            {
                await _process.WaitForExitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                await KillAsync();
                throw new TimeoutException($"{name} didn't stop in {StopWait}. Its log ends:\n{await ReadLogAsync()}");
            }
        }

        Release();
    }

    public async Task KillAsync()
    {
        if (_process is null) return;
        var children = Signals.Children(_process.Id);
        // The parent first stands still, so that it neither starts nor buries anybody while we go through its children.
        Signals.Send(_process.Id, Signals.Stop);
        children = [.. children.Union(Signals.Children(_process.Id))];
        foreach (var child in children) Signals.Send(child, Signals.Kill);
        Signals.Send(_process.Id, Signals.Kill);
        await _process.WaitForExitAsync();
        await Eventually.TrueAsync(() => !children.Any(Signals.IsAlive), $"the children of {name} are gone");
        Release();
    }

    public Task PauseAsync()
    {
        SignalAll(Signals.Stop);
        return Task.CompletedTask;
    }

    public Task ResumeAsync()
    {
        SignalAll(Signals.Continue);
        return Task.CompletedTask;
    }

    public async Task<string> ReadLogAsync() => File.Exists(LogFile) ? string.Join('\n', (await File.ReadAllLinesAsync(LogFile)).TakeLast(40)) : "(no log)";

    public async ValueTask DisposeAsync() => await KillAsync();

    private void SignalAll(int signal)
    {
        if (!IsRunning) return;
        if (signal == Signals.Stop) Signals.Send(_process!.Id, signal);
        foreach (var child in Signals.Children(_process!.Id)) Signals.Send(child, signal);
        if (signal != Signals.Stop) Signals.Send(_process.Id, signal);
    }

    private void Release()
    {
        RunFolder.Forget(name);
        _process?.Dispose();
        _process = null;
    }
}
