using System.Globalization;

namespace Pathway.Benchmarks;

/// <summary>Processor time of the threads of this process, by name, as Linux tells it; elsewhere nothing.</summary>
internal sealed class ThreadTimes
{
    private const double TicksPerSecond = 100;
    private readonly Dictionary<string, double> _seconds = new(StringComparer.Ordinal);

    /// <summary>As of now, with the threads that have ended since the last call left out.</summary>
    public static ThreadTimes Now()
    {
        var times = new ThreadTimes();
        if (!Directory.Exists("/proc/self/task")) return times;
        foreach (var task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                var stat = File.ReadAllText(Path.Combine(task, "stat"));
                var name = stat[(stat.IndexOf('(') + 1)..stat.LastIndexOf(')')];
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                times._seconds[$"{name} {Path.GetFileName(task)}"] = (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
            }
            catch (IOException)
            {
                // The thread has ended.
            }
        }

        return times;
    }

    /// <summary>What the threads used since <paramref name="before"/>, the busiest first.</summary>
    public string Since(ThreadTimes before)
    {
        var used = _seconds.Select(t => (Name: t.Key[..t.Key.LastIndexOf(' ')], Seconds: t.Value - before._seconds.GetValueOrDefault(t.Key))).GroupBy(t => t.Name).Select(g => (g.Key, Seconds: g.Sum(t => t.Seconds)));
        return string.Join(", ", used.Where(t => t.Seconds >= 0.05).OrderByDescending(t => t.Seconds).Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Key} {t.Seconds:F2} s")));
    }
}
