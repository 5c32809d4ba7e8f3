using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Globalization;

namespace Pathway.Benchmarks;

/// <summary>Of which types what is allocated is, as the runtime samples it every hundred kilobytes.</summary>
internal sealed class AllocatedTypes : EventListener
{
    private const int GcKeyword = 1, TypeNameField = 5, BytesField = 3;
    private readonly ConcurrentDictionary<string, long> _bytes = new(StringComparer.Ordinal);

    /// <summary>The types with the largest shares, in bytes of <paramref name="allocated"/> in all.</summary>
    public string Shares(double allocated)
    {
        var sampled = (double)Math.Max(1, _bytes.Values.Sum());
        return string.Join(", ", _bytes.OrderByDescending(b => b.Value).Take(10).Select(b => string.Create(CultureInfo.InvariantCulture, $"{Short(b.Key)} {b.Value / sampled * allocated:N0} B")));
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(eventSource, EventLevel.Verbose, (EventKeywords)GcKeyword);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) != true || eventData.Payload is not { Count: > TypeNameField } payload) return;
        _bytes.AddOrUpdate((string)payload[TypeNameField]!, Convert.ToInt64(payload[BytesField], CultureInfo.InvariantCulture), (_, sum) => sum + Convert.ToInt64(payload[BytesField], CultureInfo.InvariantCulture));
    }

    // Namespaces and assemblies say nothing here.
    private static string Short(string type)
    {
        var name = System.Text.RegularExpressions.Regex.Replace(type, @", [^\[\],]*, Version=[^\]]*", "");
        return System.Text.RegularExpressions.Regex.Replace(name, @"[\w]+\.", "");
    }
}
