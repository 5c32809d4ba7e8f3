namespace Pathway.Tests.Unit.Golden;

/// <summary>Says what of a scenario isn't supported yet, by its settings and messages.</summary>
internal static class GoldenSupport
{
    // Settings that change nothing in records, or that are followed.
    private static readonly HashSet<string> Known =
    [
        "topic.prefix", "database.dbname", "plugin.name", "publication.name", "publication.autocreate.mode", "slot.name", "poll.interval.ms", "tombstones.on.delete",
        "publish.via.partition.root", "extended.headers.enabled", "message.key.columns", "event.processing.failure.handling.mode",
    ];

    // Settings whose other values are for later.
    private static readonly Dictionary<string, string[]> KnownValues = new()
    {
        ["snapshot.mode"] = ["initial"],
        ["event.converting.failure.handling.mode"] = ["warn", "skip"],
        ["skipped.operations"] = ["t"],
        ["schema.name.adjustment.mode"] = ["none"],
        ["field.name.adjustment.mode"] = ["none"],
        ["time.precision.mode"] = ["adaptive"],
        ["decimal.handling.mode"] = ["precise"],
        ["hstore.handling.mode"] = ["json"],
        ["binary.handling.mode"] = ["bytes"],
        ["interval.handling.mode"] = ["numeric"],
        ["money.fraction.digits"] = ["2"],
        ["provide.transaction.metadata"] = ["false"],
        ["heartbeat.interval.ms"] = ["0"],
        ["include.unknown.datatypes"] = ["false"],
        ["topic.delimiter"] = ["."],
    };

    /// <summary>Why a scenario can't be replayed yet; null if it can.</summary>
    public static string? WhyNot(GoldenScenario scenario)
    {
        foreach (var (name, value) in scenario.Settings)
        {
            if (name.StartsWith("recorder.", StringComparison.Ordinal) || Known.Contains(name)) continue;
            if (name == "unavailable.value.placeholder" && !value.StartsWith("hex:", StringComparison.Ordinal)) continue;
            if (!KnownValues.TryGetValue(name, out var values) || !values.Contains(value)) return $"setting {name}={value}";
        }

        return scenario.Messages.Any(message => message.Data[0] == 'M') ? "logical messages" : null;
    }
}
