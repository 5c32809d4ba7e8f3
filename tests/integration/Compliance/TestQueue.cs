using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Integration.Compliance;

/// <summary>Takes the slices of a source in place of the engine.</summary>
internal sealed class TestQueue<TRow> : IInputQueue
{
    private readonly Lock _gate = new();
    private readonly List<TRow> _rows = [];
    private readonly List<(Position Position, int Rows)> _positions = [];
    private TaskCompletionSource _changed = New();

    /// <summary>Slices are taken up to this one; the writer of the next waits, as at a full queue.</summary>
    public int SlicesMax { get; init; } = int.MaxValue;

    /// <summary>The writer of a slice that ends here waits, as at the last stop of who reads again.</summary>
    public Position? EndsAt { get; init; }

    /// <summary>What came so far.</summary>
    public IReadOnlyList<TRow> Rows
    {
        get
        {
            lock (_gate) return [.. _rows];
        }
    }

    /// <summary>Each position, and how many rows lie before it.</summary>
    public IReadOnlyList<(Position Position, int Rows)> Positions
    {
        get
        {
            lock (_gate) return [.. _positions];
        }
    }

    public ValueTask WriteAsync(InputSlice slice, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var (_, rows) in slice.Rows) _rows.AddRange(((RowBuffer<TRow>)rows).Rows);
            if (slice.EndsTransaction) _positions.Add((slice.Position, _rows.Count));
            (var changed, _changed) = (_changed, New());
            changed.SetResult();
            if (_positions.Count < SlicesMax && !(slice.EndsTransaction && slice.Position == EndsAt)) return ValueTask.CompletedTask;
        }

        return new ValueTask(Task.Delay(Timeout.Infinite, cancellationToken));
    }

    public Task CommitAsync(Position position, CancellationToken cancellationToken)
    {
        lock (_gate) _positions.Add((position, _rows.Count));
        return Task.CompletedTask;
    }

    /// <summary>Waits until there are so many rows.</summary>
    public Task HasAsync(int rows, Task running) => UntilAsync(() => _rows.Count >= rows, $"{rows} rows", running);

    /// <summary>Waits until it came to <see cref="EndsAt"/>.</summary>
    public Task IsAtEndAsync(Task running) => UntilAsync(() => _positions is [.., var last] && last.Position == EndsAt, $"all up to {EndsAt}", running);

    private async Task UntilAsync(Func<bool> isSo, string what, Task running)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(60); ;)
        {
            Task changed;
            lock (_gate)
            {
                if (isSo()) return;
                changed = _changed.Task;
            }

            var first = await Task.WhenAny(changed, running, Task.Delay(deadline - DateTime.UtcNow));
            if (first == running) await running;
            if (first != changed) Assert.Fail($"Only {Rows.Count} rows came, of {what}, in time.");
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
