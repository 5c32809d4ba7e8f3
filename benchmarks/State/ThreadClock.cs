using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pathway.Benchmarks;

/// <summary>Time that the calling thread spent on a processor: a ratio of two of them holds on a busy machine as well. Elapsed time where the system doesn't tell.</summary>
internal static class ThreadClock
{
    private const int ThreadCpuTime = 3;

    public static TimeSpan Now()
    {
        if (!OperatingSystem.IsLinux() || clock_gettime(ThreadCpuTime, out var time) != 0) return Stopwatch.GetElapsedTime(0);
        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / 100);
    }

    [DllImport("libc")]
    private static extern int clock_gettime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
