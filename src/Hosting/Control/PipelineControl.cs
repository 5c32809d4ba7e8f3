using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Hosting;

/// <summary>Lets a pipeline be asked from outside while it runs: <c>pathway inspect DIR</c> and <c>pathway snapshots create DIR --to STORE</c>.</summary>
/// <example><code>
/// await using var control = PipelineControl.Start(pipeline);
/// await pipeline.RunAsync(stop: stop);
/// </code></example>
public sealed class PipelineControl : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _listening;

    private PipelineControl(Pipeline pipeline, Dictionary<string, Func<IReadOnlyList<string>, CancellationToken, Task<string>>> commands, ILogger? logger) => _listening = ListenAsync(pipeline, commands, logger);

    /// <summary>Answers who asks, from when the state directory is the pipeline's until this is disposed.</summary>
    /// <param name="pipeline">The pipeline; it need not run yet.</param>
    /// <param name="stores">What the name of a store for snapshots means; directories, if nothing else is said.</param>
    /// <param name="commands">What else can be asked, or is answered in another way.</param>
    /// <param name="logger">Told if nobody can ask.</param>
    public static PipelineControl Start(Pipeline pipeline, Func<string, IObjectStore>? stores = null, IReadOnlyDictionary<string, Func<IReadOnlyList<string>, CancellationToken, Task<string>>>? commands = null, ILogger? logger = null)
    {
        var all = new Dictionary<string, Func<IReadOnlyList<string>, CancellationToken, Task<string>>>
        {
            ["inspect"] = (_, _) => Task.FromResult(RunningText.Of(pipeline)),
            ["snapshot"] = (words, stop) => words is [var store] ? SnapshotAsync(pipeline, stores?.Invoke(store) ?? new LocalObjectStore(store), stop) : throw new ConfigurationException("snapshot takes one store."),
        };
        foreach (var (name, command) in commands ?? new Dictionary<string, Func<IReadOnlyList<string>, CancellationToken, Task<string>>>()) all[name] = command;
        return new PipelineControl(pipeline, all, logger);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(false);
        _ended.Dispose();
    }

    private async Task ListenAsync(Pipeline pipeline, Dictionary<string, Func<IReadOnlyList<string>, CancellationToken, Task<string>>> commands, ILogger? logger)
    {
        await ((Task)pipeline.Status.Started.WaitAsync(_ended.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_ended.IsCancellationRequested) return;
        try
        {
            await using var socket = ControlSocket.Start(pipeline.Options.StateDirectory, commands);
            await Task.Delay(Timeout.Infinite, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            logger?.NoControl(e.Message);
        }
    }

    private static async Task<string> SnapshotAsync(Pipeline pipeline, IObjectStore store, CancellationToken stop) =>
        SnapshotText.Made(await pipeline.SnapshotAsync(store, stop).ConfigureAwait(false), store.Place);
}
