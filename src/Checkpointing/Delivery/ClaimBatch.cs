using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>A transaction that holds a marker alone: the claim at start, and the marker that moves on over commits without output.</summary>
internal sealed class ClaimBatch(Marker marker) : IDeliveryBatch
{
    /// <inheritdoc/>
    public Marker Marker => marker;

    /// <inheritdoc/>
    public bool TryRead(out OutputRow row)
    {
        row = default;
        return false;
    }

    /// <inheritdoc/>
    public void Stop()
    {
    }
}
