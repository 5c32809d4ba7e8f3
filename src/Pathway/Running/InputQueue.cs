using System.Diagnostics.CodeAnalysis;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Running;

/// <summary>The bounded queue between the sources and the engine: whole slices, in the order of arrival.</summary>
/// <remarks>Guard: <c>_slices</c>. Any reader writes, the engine's thread takes.</remarks>
internal sealed class InputQueue(long bytesMax)
{
    private readonly Queue<QueuedSlice> _slices = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private long _bytes;
    private bool _pulsed;

    /// <summary>Whether nothing waits in it.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_slices) return _slices.Count == 0;
        }
    }

    /// <summary>The queue as one source sees it.</summary>
    public IInputQueue For(int source) => new Entrance(this, source);

    /// <summary>Takes the next slice; waits at most <paramref name="wait"/> for one, or until <see cref="Pulse"/>.</summary>
    public bool TryTake(TimeSpan wait, [NotNullWhen(true)] out QueuedSlice? slice)
    {
        lock (_slices)
        {
            if (_slices.Count == 0 && !_pulsed && wait > TimeSpan.Zero) Monitor.Wait(_slices, wait);
            _pulsed = false;
            if (!_slices.TryDequeue(out slice)) return false;
            _bytes -= slice.Slice.Bytes;
            while (_bytes < bytesMax && _waiting.TryDequeue(out var waiting)) waiting.TrySetResult();
            return true;
        }
    }

    /// <summary>Waits at most <paramref name="wait"/> for <see cref="Pulse"/>, and takes nothing.</summary>
    public void Wait(TimeSpan wait)
    {
        lock (_slices)
        {
            if (!_pulsed && wait > TimeSpan.Zero) Monitor.Wait(_slices, wait);
            _pulsed = false;
        }
    }

    /// <summary>Wakes the engine: something other than input happened.</summary>
    public void Pulse()
    {
        lock (_slices)
        {
            _pulsed = true;
            Monitor.Pulse(_slices);
        }
    }

    private ValueTask WriteAsync(QueuedSlice slice, CancellationToken cancellationToken)
    {
        lock (_slices)
        {
            _slices.Enqueue(slice);
            _bytes += slice.Slice.Bytes;
            Monitor.Pulse(_slices);
            if (_bytes < bytesMax) return ValueTask.CompletedTask;
            // The slice is in; its writer waits until there is room for the next one.
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(room);
            return new ValueTask(room.Task.WaitAsync(cancellationToken));
        }
    }

    private sealed class Entrance(InputQueue queue, int source) : IInputQueue
    {
        public ValueTask WriteAsync(InputSlice slice, CancellationToken cancellationToken) => queue.WriteAsync(new QueuedSlice(source, slice, null), cancellationToken);

        public async Task CommitAsync(Position position, CancellationToken cancellationToken)
        {
            var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await queue.WriteAsync(new QueuedSlice(source, new InputSlice { Position = position }, durable), cancellationToken).ConfigureAwait(false);
            await durable.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>A slice, which source it is of, and who waits for it to be durable.</summary>
internal sealed record QueuedSlice(int Source, InputSlice Slice, TaskCompletionSource? Durable);
