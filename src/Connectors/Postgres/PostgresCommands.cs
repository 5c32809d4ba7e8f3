using System.Diagnostics.CodeAnalysis;

namespace Pathway.Connectors.Postgres;

/// <summary>What can be asked of a reader while it runs, and what it tells of its loading. Safe for many threads.</summary>
public sealed class PostgresCommands
{
    private readonly Lock _guard = new();
    private readonly Queue<ReloadRequest> _requests = new();
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _load;
    private volatile WalState? _wal;

    /// <summary>How far the loading of tables is, as a sentence; null while nothing is being loaded.</summary>
    public string? Load
    {
        get => _load;
        internal set => _load = value;
    }

    /// <summary>What our slot costs the server, as it was seen last; null before the first look.</summary>
    public WalState? Wal
    {
        get => _wal;
        internal set => _wal = value;
    }

    /// <summary>Loads a table again while streaming goes on. Completes when that is durable, before the first row.</summary>
    /// <param name="table">"schema.name".</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <returns>A sentence for people.</returns>
    /// <exception cref="Core.ConfigurationException">There is no such table, or it can't be loaded.</exception>
    public Task<string> ReloadAsync(string table, CancellationToken stop)
    {
        var request = new ReloadRequest(table);
        lock (_guard)
        {
            _requests.Enqueue(request);
            _asked.TrySetResult();
        }

        return request.Answer.Task.WaitAsync(stop);
    }

    /// <summary>Completes when something was asked.</summary>
    internal Task Asked => Volatile.Read(ref _asked).Task;

    /// <summary>Takes what was asked.</summary>
    internal bool TryTake([NotNullWhen(true)] out ReloadRequest? request)
    {
        lock (_guard)
        {
            if (_requests.TryDequeue(out request)) return true;
            if (_asked.Task.IsCompleted) Volatile.Write(ref _asked, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return false;
        }
    }
}

/// <summary>Somebody asks for a table again.</summary>
/// <param name="Table">"schema.name".</param>
internal sealed record ReloadRequest(string Table)
{
    /// <summary>The answer.</summary>
    public TaskCompletionSource<string> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
