using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Faults of disks and rights as failures of ours.</summary>
internal static class DiskFaults
{
    private const int DiskFull = unchecked((int)0x80070070), NoSpaceLeft = 28, QuotaExceeded = 122;

    /// <summary>Does it; what the disk says becomes a sentence. A full disk may get room again.</summary>
    public static T Tell<T>(Func<T> act, string doing)
    {
        try
        {
            return act();
        }
        catch (IOException e)
        {
            throw new ConnectorException($"{doing} failed: {e.Message}", e) { IsTransient = e.HResult is DiskFull or NoSpaceLeft or QuotaExceeded };
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ConnectorException($"{doing} failed: {e.Message}", e);
        }
    }
}
