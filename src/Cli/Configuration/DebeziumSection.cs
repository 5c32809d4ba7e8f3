using Pathway.Connectors.Debezium;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary>The section <c>debezium</c>: settings under Debezium's names.</summary>
internal static class DebeziumSection
{
    private const string Transforms = "transforms.";

    /// <summary>What the section says, as options whose names and places come from elsewhere; the defaults where there is none.</summary>
    public static DebeziumConfiguration Read(YamlSection root)
    {
        var read = new DebeziumConfiguration(new DebeziumOptions { TopicPrefix = "", Database = "" }, StreamKinds.None, TimeSpan.Zero, []);
        foreach (var entry in root.Entries("debezium"))
        {
            try
            {
                read = Read(read, entry.Name, entry.Value);
                if (!entry.Name.Contains(".salt.", StringComparison.Ordinal)) read = read with { Settings = [.. read.Settings, $"{entry.Name} {entry.Value}"] };
            }
            catch (ConfigurationException exception)
            {
                entry.Fault(exception.Message);
            }
        }

        return read;
    }

    /// <summary>What was read with one setting more.</summary>
    /// <exception cref="ConfigurationException">The setting is unknown, belongs elsewhere, or has a value that isn't known.</exception>
    public static DebeziumConfiguration Read(DebeziumConfiguration read, string name, string value)
    {
        if (name == "heartbeat.interval.ms") return ReadHeartbeat(read, value);
        if (name == "transforms" || name.StartsWith(Transforms, StringComparison.Ordinal)) return read with { Options = ReadTransform(read.Options, name, value) };
        if (ConnectorSettings.Elsewhere(name) is { } place) throw new ConfigurationException($"is said elsewhere: {place}");
        if (!DebeziumSettings.Knows(name)) throw new ConfigurationException(Unknown(name));
        var options = DebeziumSettings.Read(read.Options, name, value);
        var also = (options.TransactionMetadata ? StreamKinds.Transactions : 0) | (options.Columns.Messages is not null || options.Columns.NotMessages is not null ? StreamKinds.Messages : 0) | (read.Also & StreamKinds.Heartbeats);
        return read with { Options = options, Also = also };
    }

    private static DebeziumConfiguration ReadHeartbeat(DebeziumConfiguration read, string value)
    {
        if (!int.TryParse(value, out var millis) || millis < 0) throw new ConfigurationException($"'{value}' is no number of milliseconds.");
        return read with { Also = millis == 0 ? read.Also & ~StreamKinds.Heartbeats : read.Also | StreamKinds.Heartbeats, HeartbeatEvery = TimeSpan.FromMilliseconds(millis) };
    }

    /// <summary>The one transformation that is known, whatever it is called.</summary>
    private static DebeziumOptions ReadTransform(DebeziumOptions options, string name, string value)
    {
        if (name == "transforms")
            return value.Contains(',', StringComparison.Ordinal) ? throw new ConfigurationException($"'{value}' names several transformations; known is one, {UnwrapSettings.Type}.") : options;
        var rest = name[Transforms.Length..];
        var setting = rest[(rest.IndexOf('.', StringComparison.Ordinal) + 1)..];
        var unwrap = options.Unwrap ?? new UnwrapOptions();
        if (setting == "type")
            return value.Trim() == UnwrapSettings.Type ? options with { Unwrap = unwrap } : throw new ConfigurationException($"'{value}' isn't known; known is one transformation, {UnwrapSettings.Type}.");
        return options with { Unwrap = UnwrapSettings.Read(unwrap, setting, value) };
    }

    private static string Unknown(string name)
    {
        var near = Spelling.Nearest(name, [.. DebeziumSettings.Names]) is { } nearest ? $" Did you mean '{nearest}'?" : "";
        var why = ConnectorSettings.WhyNot(name) is { } reason ? $"isn't supported: {reason}." : "is unknown.";
        return $"{why}{near} Known: {string.Join(", ", DebeziumSettings.Names.Where(known => ConnectorSettings.Elsewhere(known) is null))}, heartbeat.interval.ms, column.mask.with.N.chars, column.truncate.to.N.chars, "
            + "column.mask.hash.v2.ALGORITHM.with.salt.SALT, and transforms.NAME.type with the settings of ExtractNewRecordState.";
    }
}

/// <summary>What the section <c>debezium</c> says.</summary>
/// <param name="Options">How events are written; prefix and database come from elsewhere.</param>
/// <param name="Also">What they ask of the stream beside changes of rows.</param>
/// <param name="HeartbeatEvery">How often heartbeats are written.</param>
/// <param name="Settings">The settings for people, without those that hold a secret.</param>
internal sealed record DebeziumConfiguration(DebeziumOptions Options, StreamKinds Also, TimeSpan HeartbeatEvery, IReadOnlyList<string> Settings);
