using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Running;

/// <summary>The queue as a source sees it that comes by stops: what it hands over there is taken, and it waits there until it may go on.</summary>
/// <param name="queue">The queue.</param>
/// <param name="resume">Where reading goes on, which may be a stop already.</param>
/// <param name="pass">Waits until reading may go on behind a position; mostly at once.</param>
internal sealed class StopGate(IInputQueue queue, Position? resume, Func<Position?, CancellationToken, Task> pass) : IInputQueue
{
    private bool _begun;

    public async ValueTask WriteAsync(InputSlice slice, CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        await queue.WriteAsync(slice, cancellationToken).ConfigureAwait(false);
        if (slice.EndsTransaction) await pass(slice.Position, cancellationToken).ConfigureAwait(false);
    }

    public async Task CommitAsync(Position position, CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        await queue.CommitAsync(position, cancellationToken).ConfigureAwait(false);
        await pass(position, cancellationToken).ConfigureAwait(false);
    }

    private async Task BeginAsync(CancellationToken stop)
    {
        if (_begun) return;
        await pass(resume, stop).ConfigureAwait(false);
        _begun = true;
    }
}
