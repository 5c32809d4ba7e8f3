using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Reads one origin and hands whole transactions on.</summary>
/// <remarks>
/// Order: <see cref="RunAsync"/> once, on a thread of its own; <see cref="Acknowledge"/> meanwhile from another thread; dispose last. A reader meets transient faults itself
/// (back-off, visible in the log) and goes on where it was. A normal return means that the source has ended (a file, a bounded generator). What it throws ends the pipeline.
/// </remarks>
public interface ISourceReader : IAsyncDisposable
{
    /// <summary>Reads from <see cref="SourceContext.Resume"/> until the end of the source or <paramref name="stop"/>; then returns or throws <see cref="OperationCanceledException"/>.</summary>
    Task RunAsync(SourceContext context, CancellationToken stop);

    /// <summary>The position is durable and, where the pipeline says so, delivered: upstream may forget what lies before it. Never blocks.</summary>
    void Acknowledge(Position position);

    /// <summary>A position in words: "LSN 0/1D6B1E0, initial load of public.orders at 42 %".</summary>
    string Describe(Position position) => position.Text;
}

/// <summary>What a reader gets to work with.</summary>
public sealed class SourceContext
{
    /// <summary>Where to go on: the position of the last durable commit; null at the first start.</summary>
    public required Position? Resume { get; init; }

    /// <summary>Where slices go; waits while the queue is full.</summary>
    public required IInputQueue Input { get; init; }

    /// <summary>The pipeline's name.</summary>
    public required string PipelineName { get; init; }

    /// <summary>Log for people.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A folder for what doesn't fit into memory and isn't needed after the run. Made by who needs it.</summary>
    public string Scratch { get; init; } = Path.Combine(Path.GetTempPath(), $"pathway-{Environment.ProcessId}");

    /// <summary>Places that reading came by before and comes by again, in order; mostly none. Only for an <see cref="IKeptOrigin"/>.</summary>
    /// <remarks>
    /// A slice has to end exactly at each, with that very position; handing it over takes until reading may go on behind it. What lies before the last is read as fast as it goes, and refused where it isn't what was
    /// read. With stops, and nothing to resume at, the beginning is that of the first reading.
    /// </remarks>
    public IReadOnlyList<Position> Stops { get; init; } = [];

    /// <summary>To be called when everything was checked and changes begin to flow; makes the pipeline ready.</summary>
    public Action Streaming { get; init; } = static () => { };
}

/// <summary>The bounded queue between a reader and the engine.</summary>
public interface IInputQueue
{
    /// <summary>Hands a slice on; waits while the queue is full (back-pressure).</summary>
    ValueTask WriteAsync(InputSlice slice, CancellationToken cancellationToken);

    /// <summary>Hands an empty slice on, so that <paramref name="position"/> becomes durable by itself, and waits until it is: for intentions.</summary>
    Task CommitAsync(Position position, CancellationToken cancellationToken);
}
