namespace Pathway.Storage;

/// <summary>How much the state of a process may keep in memory.</summary>
public sealed record StateOptions
{
    /// <summary>Bytes that all typed caches of the process may hold together, as estimated from encoded sizes. The default is 512 MB.</summary>
    public long BudgetBytes { get; init; } = 512L << 20;
}
