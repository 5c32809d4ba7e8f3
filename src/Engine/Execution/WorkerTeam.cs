using System.Runtime.ExceptionServices;

namespace Pathway.Engine;

/// <summary>The threads of the workers: the calling thread is the first one's.</summary>
/// <remarks>After a failure it can't be used again.</remarks>
internal sealed class WorkerTeam : IDisposable
{
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _begin;
    private readonly CountdownEvent _done;
    private readonly Barrier _meeting;
    private readonly CancellationTokenSource _broken = new();
    private readonly ExceptionDispatchInfo?[] _failures;
    private Action<int>? _work;    // null: end

    /// <summary>Starts the threads of <paramref name="workers"/> workers.</summary>
    public WorkerTeam(int workers)
    {
        _failures = new ExceptionDispatchInfo?[workers];
        (_done, _meeting) = (new CountdownEvent(workers - 1), new Barrier(workers));
        _begin = [.. Enumerable.Range(1, workers - 1).Select(_ => new SemaphoreSlim(0))];
        _threads = [.. Enumerable.Range(1, workers - 1).Select(w => new Thread(() => Serve(w)) { IsBackground = true, Name = $"pathway worker {w}" })];
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>Runs <paramref name="work"/> for every worker, each on its thread, and waits for all.</summary>
    /// <remarks>What one of them throws is thrown here; the others are stopped where they next <see cref="Meet"/>.</remarks>
    public void Run(Action<int> work)
    {
        _work = work;
        _done.Reset();
        foreach (var begin in _begin) begin.Release();
        Try(work, 0);
        _done.Wait();
        foreach (var failure in _failures) failure?.Throw();
    }

    /// <summary>Waits until every worker is here.</summary>
    public void Meet() => _meeting.SignalAndWait(_broken.Token);

    /// <inheritdoc/>
    public void Dispose()
    {
        _work = null;
        foreach (var begin in _begin) begin.Release();
        foreach (var thread in _threads) thread.Join();
        foreach (var begin in _begin) begin.Dispose();
        _done.Dispose();
        _meeting.Dispose();
        _broken.Dispose();
    }

    private void Serve(int worker)
    {
        while (true)
        {
            _begin[worker - 1].Wait();
            if (_work is not { } work) return;
            Try(work, worker);
            _done.Signal();
        }
    }

    private void Try(Action<int> work, int worker)
    {
        try
        {
            work(worker);
        }
        catch (OperationCanceledException) when (_broken.IsCancellationRequested)
        {
            // Another one failed.
        }
        catch (Exception e)
        {
            _failures[worker] = ExceptionDispatchInfo.Capture(e);
            _broken.Cancel();
        }
    }
}
