namespace Pathway.Benchmarks;

/// <summary>Processor time of this process: for a loop on one thread what a stopwatch shows on a quiet machine.</summary>
internal readonly record struct CpuClock(TimeSpan Began)
{
    /// <summary>Processor time used since the start.</summary>
    public TimeSpan Elapsed => Environment.CpuUsage.TotalTime - Began;

    /// <summary>Starts it.</summary>
    public static CpuClock Start() => new(Environment.CpuUsage.TotalTime);
}
