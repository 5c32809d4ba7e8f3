using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Pathway.Tests.Integration.Servers;

/// <summary>The real command line tool as a child process, as users run it.</summary>
public sealed class PathwayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _name = RunFolder.NewName("pathway");
    private readonly Lock _gate = new();
    private readonly List<string> _output = [], _error = [];
    private readonly TaskCompletionSource _outputEnded = new(), _errorEnded = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PathwayProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Add(_output, line.Data, _outputEnded);
        _process.ErrorDataReceived += (_, line) => Add(_error, line.Data, _errorEnded);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        RunFolder.WatchProcess(_name, _process.Id);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public IReadOnlyList<string> Output => Copy(_output);

    public IReadOnlyList<string> Error => Copy(_error);

    /// <summary>Both, for messages of failing tests.</summary>
    public string Everything => $"--- stdout\n{string.Join('\n', Output)}\n--- stderr\n{string.Join('\n', Error)}";

    /// <summary>Starts <c>pathway</c> with these arguments; variables with a null value are taken out of the environment.</summary>
    public static PathwayProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null) =>
        StartAssembly("Pathway.Cli.dll", arguments, environment, folder);

    /// <summary>Starts another program of the build output, such as an example.</summary>
    public static PathwayProcess StartAssembly(string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(DotnetHost, ["exec", Path.Combine(AppContext.BaseDirectory, assembly), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? RunFolder.NewFolder("work"),
        };
        foreach (var (variable, value) in environment ?? new Dictionary<string, string?>()) start.Environment[variable] = value;
        return new PathwayProcess(Process.Start(start)!);
    }

    /// <summary>Waits for a line of stdout or stderr that matches; fails when the process ends without it.</summary>
    public Task<string> WaitForLineAsync(string pattern, TimeSpan? within = null) => WaitForLineAsync(line => Regex.IsMatch(line, pattern), within, pattern);

    /// <inheritdoc cref="WaitForLineAsync(string, TimeSpan?)"/>
    public async Task<string> WaitForLineAsync(Func<string, bool> matches, TimeSpan? within = null, string what = "the line")
    {
        using var deadline = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(60));
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_output.Concat(_error).FirstOrDefault(matches) is { } found) return found;
                if (_outputEnded.Task.IsCompleted && _errorEnded.Task.IsCompleted) throw new InvalidOperationException($"pathway ended without writing '{what}'.\n{Everything}");
                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"pathway didn't write '{what}' in time.\n{Everything}");
            }
        }
    }

    /// <summary>Waits for its end and returns the exit code (137 after kill -9).</summary>
    public async Task<int> WaitForExitAsync(TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(60));
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"pathway didn't end in time.\n{Everything}");
        }

        RunFolder.Forget(_name);
        return _process.ExitCode;
    }

    /// <summary>kill -9; returns when it is gone.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) Signals.Send(Id, Signals.Kill);
        await WaitForExitAsync();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> TerminateAsync(TimeSpan? within = null)
    {
        if (!_process.HasExited) Signals.Send(Id, Signals.Terminate);
        return await WaitForExitAsync(within ?? TimeSpan.FromSeconds(20));
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause() => Signals.Send(Id, Signals.Stop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signals.Send(Id, Signals.Continue);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static string DotnetHost
    {
        get
        {
            // …/dotnet/shared/Microsoft.NETCore.App/10.0.x/System.Private.CoreLib.dll
            var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
            return Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        }
    }

    private void Add(List<string> lines, string? line, TaskCompletionSource ended)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (line is null) ended.TrySetResult();
            else lines.Add(line);
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.TrySetResult();
    }

    private IReadOnlyList<string> Copy(List<string> lines)
    {
        lock (_gate) return [.. lines];
    }
}
