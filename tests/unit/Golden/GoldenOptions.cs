using Pathway.Connectors.Debezium;

namespace Pathway.Tests.Unit.Golden;

/// <summary>The settings of a recorded connector as ours.</summary>
internal static class GoldenOptions
{
    private const string Unwrap = "transforms.unwrap.";

    // Settings that change nothing in records, or say how the recorder went about it.
    private static readonly HashSet<string> WithoutEffect =
    [
        "plugin.name", "publication.name", "publication.autocreate.mode", "slot.name", "poll.interval.ms", "publish.via.partition.root", "event.processing.failure.handling.mode",
        "snapshot.mode", "heartbeat.interval.ms", "transforms", "transforms.unwrap.type",
    ];

    /// <summary>The options of a scenario.</summary>
    public static DebeziumOptions Of(GoldenScenario golden)
    {
        var options = new DebeziumOptions { TopicPrefix = "", Database = "", Compatibility = Compatibility.Exact };
        if (golden.Setting("transforms.unwrap.type") == UnwrapSettings.Type) options = options with { Unwrap = new UnwrapOptions() };
        foreach (var (name, value) in golden.Settings)
        {
            if (name.StartsWith("recorder.", StringComparison.Ordinal) || WithoutEffect.Contains(name)) continue;
            options = name.StartsWith(Unwrap, StringComparison.Ordinal)
                ? options with { Unwrap = UnwrapSettings.Read(options.Unwrap!, name[Unwrap.Length..], value) }
                : DebeziumSettings.Read(options, name, value);
        }

        return options;
    }

    /// <summary>Why a scenario can't be replayed; null if it can.</summary>
    public static string? WhyNot(GoldenScenario golden)
    {
        try
        {
            _ = Of(golden);
            return null;
        }
        catch (Pathway.Core.ConfigurationException exception)
        {
            return exception.Message;
        }
    }
}
