using System.Globalization;
using System.Text.RegularExpressions;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Reads settings under Debezium's names into <see cref="DebeziumOptions"/>.</summary>
public static partial class DebeziumSettings
{
    private static readonly Dictionary<string, Func<DebeziumOptions, string, DebeziumOptions>> Readers = new(StringComparer.Ordinal)
    {
        ["topic.prefix"] = static (o, v) => o with { TopicPrefix = v },
        ["database.dbname"] = static (o, v) => o with { Database = v },
        ["topic.delimiter"] = static (o, v) => o with { TopicDelimiter = v },
        ["topic.transaction"] = static (o, v) => o with { TransactionTopic = v },
        ["topic.heartbeat.prefix"] = static (o, v) => o with { HeartbeatTopicPrefix = v },
        ["schema.name.adjustment.mode"] = static (o, v) => o with { SchemaNames = Adjustment(v) },
        ["field.name.adjustment.mode"] = static (o, v) => o with { FieldNames = Adjustment(v) },
        ["tombstones.on.delete"] = static (o, v) => o with { TombstonesOnDelete = Boolean(v) },
        ["skipped.operations"] = static (o, v) => o with { SkippedOperations = Operations(v) },
        ["skip.messages.without.change"] = static (o, v) => o with { SkipsMessagesWithoutChange = Boolean(v) },
        ["provide.transaction.metadata"] = static (o, v) => o with { TransactionMetadata = Boolean(v) },
        ["extended.headers.enabled"] = static (o, v) => o with { ContextHeaders = Boolean(v) },
        ["header.converter"] = static (o, v) => o with { Headers = Headers(v) },
        ["unavailable.value.placeholder"] = static (o, v) => o with { UnavailableValuePlaceholder = Placed(v) },
        ["message.key.columns"] = static (o, v) => o with { MessageKeyColumns = Keys(v) },
        ["time.precision.mode"] = static (o, v) => o with { Types = o.Types with { Time = Time(v) } },
        ["decimal.handling.mode"] = static (o, v) => o with { Types = o.Types with { Decimal = Choice(v, ("precise", DecimalHandling.Precise), ("string", DecimalHandling.String), ("double", DecimalHandling.Double)) } },
        ["decimal.format"] = static (o, v) => o with { Types = o.Types with { DecimalAsNumber = Choice(v, ("base64", false), ("numeric", true)) } },
        ["binary.handling.mode"] = static (o, v) => o with { Types = o.Types with { Binary = Binary(v) } },
        ["hstore.handling.mode"] = static (o, v) => o with { Types = o.Types with { HstoreAsMap = Choice(v, ("json", false), ("map", true)) } },
        ["interval.handling.mode"] = static (o, v) => o with { Types = o.Types with { IntervalAsText = Choice(v, ("numeric", false), ("string", true)) } },
        ["money.fraction.digits"] = static (o, v) => o with { Types = o.Types with { MoneyFractionDigits = Number(v, 0, 18) } },
        ["include.unknown.datatypes"] = static (o, v) => o with { Types = o.Types with { IncludeUnknown = Boolean(v) } },
        ["event.converting.failure.handling.mode"] = static (o, v) => o with { Types = o.Types with { FailOnLoss = Choice(v, ("warn", false), ("skip", false), ("fail", true)) } },
        ["schema.include.list"] = static (o, v) => o with { Columns = o.Columns with { Schemas = NamePatterns.Parse(v) } },
        ["schema.exclude.list"] = static (o, v) => o with { Columns = o.Columns with { NotSchemas = NamePatterns.Parse(v) } },
        ["table.include.list"] = static (o, v) => o with { Columns = o.Columns with { Tables = NamePatterns.Parse(v) } },
        ["table.exclude.list"] = static (o, v) => o with { Columns = o.Columns with { NotTables = NamePatterns.Parse(v) } },
        ["column.include.list"] = static (o, v) => o with { Columns = o.Columns with { Columns = NamePatterns.Parse(v) } },
        ["column.exclude.list"] = static (o, v) => o with { Columns = o.Columns with { NotColumns = NamePatterns.Parse(v) } },
        ["message.prefix.include.list"] = static (o, v) => o with { Columns = o.Columns with { Messages = NamePatterns.Parse(v) } },
        ["message.prefix.exclude.list"] = static (o, v) => o with { Columns = o.Columns with { NotMessages = NamePatterns.Parse(v) } },
        ["column.propagate.source.type"] = static (o, v) => o with { Columns = o.Columns with { SourceTypes = NamePatterns.Parse(v) } },
        ["datatype.propagate.source.type"] = static (o, v) => o with { Columns = o.Columns with { SourceTypesOfTypes = NamePatterns.Parse(v) } },
    };

    /// <summary>The names that are known, but those with parts of one's own (<c>column.mask.with.N.chars</c>) and those of transformations.</summary>
    public static IReadOnlyCollection<string> Names => Readers.Keys;

    /// <summary>Whether a setting can be read.</summary>
    public static bool Knows(string name) => Readers.ContainsKey(name) || IsMask(name);

    /// <summary>The options with a setting read into them.</summary>
    /// <exception cref="ConfigurationException">The name is unknown, or the value isn't one of those that are.</exception>
    public static DebeziumOptions Read(DebeziumOptions options, string name, string value)
    {
        if (Readers.TryGetValue(name, out var reader)) return reader(options, value.Trim());
        if (Mask(name, value) is { } mask) return options with { Columns = options.Columns with { Masks = [.. options.Columns.Masks, mask] } };
        throw new ConfigurationException($"'{name}' is no setting that is known here.");
    }

    private static bool IsMask(string name) => Asterisks().IsMatch(name) || Truncation().IsMatch(name) || Hash().IsMatch(name);

    private static ColumnMask? Mask(string name, string value)
    {
        if (Asterisks().Match(name) is { Success: true } asterisks) return new ColumnMask(NamePatterns.Parse(value), MaskKind.Asterisks) { Length = Number(asterisks.Groups[1].Value, 0, 1_000_000) };
        if (Truncation().Match(name) is { Success: true } truncation) return new ColumnMask(NamePatterns.Parse(value), MaskKind.Truncate) { Length = Number(truncation.Groups[1].Value, 0, int.MaxValue) };
        if (Hash().Match(name) is not { Success: true } hash) return null;
        _ = Masked.Algorithm(hash.Groups["algorithm"].Value);
        return new ColumnMask(NamePatterns.Parse(value), hash.Groups["v2"].Success ? MaskKind.Hash : MaskKind.HashOfSerialized)
        {
            Algorithm = hash.Groups["algorithm"].Value, Salt = hash.Groups["salt"].Value,
        };
    }

    private static T Choice<T>(string value, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        foreach (var (name, choice) in choices)
            if (name.Equals(value, StringComparison.OrdinalIgnoreCase)) return choice;
        var names = new List<string>();
        foreach (var (name, _) in choices) names.Add(name);
        throw new ConfigurationException($"'{value}' isn't known; known are {string.Join(", ", names)}.");
    }

    private static bool Boolean(string value) => Choice(value, ("true", true), ("false", false));

    private static int Number(string value, int least, int most) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
        ? number
        : throw new ConfigurationException($"'{value}' is no number from {least} to {most}.");

    private static NameAdjustment Adjustment(string value) => Choice(value, ("none", NameAdjustment.None), ("avro", NameAdjustment.Avro), ("avro_unicode", NameAdjustment.AvroUnicode));

    private static TimePrecision Time(string value) => Choice(
        value,
        ("adaptive", TimePrecision.Adaptive),
        ("adaptive_time_microseconds", TimePrecision.AdaptiveTimeMicroseconds),
        ("connect", TimePrecision.Connect),
        ("isostring", TimePrecision.IsoString),
        ("microseconds", TimePrecision.Microseconds),
        ("nanoseconds", TimePrecision.Nanoseconds));

    private static BinaryHandling Binary(string value) =>
        Choice(value, ("bytes", BinaryHandling.Bytes), ("base64", BinaryHandling.Base64), ("base64-url-safe", BinaryHandling.Base64UrlSafe), ("hex", BinaryHandling.Hex));

    private static HeaderForm Headers(string value) =>
        Choice(value, ("org.apache.kafka.connect.storage.SimpleHeaderConverter", HeaderForm.Simple), ("org.apache.kafka.connect.json.JsonConverter", HeaderForm.Json));

    private static string Operations(string value)
    {
        if (value.Equals("none", StringComparison.OrdinalIgnoreCase)) return "";
        return string.Concat(value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(letter => Choice(letter, ("c", "c"), ("u", "u"), ("d", "d"), ("t", "t"))));
    }

    private static string Placed(string value)
    {
        _ = Placeholder.Read(value);
        return value;
    }

    private static string Keys(string value)
    {
        _ = new MessageKeys(value);
        return value;
    }

    [GeneratedRegex(@"^column\.mask\.with\.(\d+)\.chars$")]
    private static partial Regex Asterisks();

    [GeneratedRegex(@"^column\.truncate\.to\.(\d+)\.chars$")]
    private static partial Regex Truncation();

    [GeneratedRegex(@"^column\.mask\.hash\.(?<v2>v2\.)?(?<algorithm>[^.]+)\.with\.salt\.(?<salt>.+)$")]
    private static partial Regex Hash();
}
