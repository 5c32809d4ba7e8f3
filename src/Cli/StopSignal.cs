using System.Runtime.InteropServices;

namespace Pathway.Cli;

/// <summary>The wish to stop: SIGTERM, Ctrl-C, or a test.</summary>
/// <remarks>The first signal asks for an orderly stop. A second one ends the process at once, as the system would; the next start recovers.</remarks>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    /// <summary>Cancelled when somebody asks to stop.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether somebody asked to stop.</summary>
    public bool IsAsked => _source.IsCancellationRequested;

    /// <summary>A stop signal that hears the process's signals.</summary>
    public static StopSignal Listen()
    {
        var stop = new StopSignal();
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
            stop._registrations.Add(PosixSignalRegistration.Create(signal, stop.Hear));
        return stop;
    }

    /// <summary>Asks to stop.</summary>
    public void Ask() => _source.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Hear(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _signals) > 1) return;
        context.Cancel = true;
        Ask();
    }
}
