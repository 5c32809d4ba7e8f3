using Confluent.Kafka;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Settings of the client that reads topics: the user's, ours where the user says nothing, and those that exactly-once reading rests on, which are ours alone.</summary>
internal static class SourceSettings
{
    /// <summary>
    /// With the usual back-off of a second a reader that empties its queue would stall; the queue's limit is what bounds memory when the engine doesn't keep up.
    /// </summary>
    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        ["fetch.queue.backoff.ms"] = "2",
        ["fetch.wait.max.ms"] = "100",
        ["queued.min.messages"] = "200000",
        ["queued.max.messages.kbytes"] = "65536",
        ["max.partition.fetch.bytes"] = "4194304",
    };

    /// <summary>Setting and the value that a user may repeat; empty where the value is made by us.</summary>
    private static readonly Dictionary<string, string> Owned = new(StringComparer.Ordinal)
    {
        ["isolation.level"] = "read_committed",
        ["enable.auto.commit"] = "false",
        ["enable.auto.offset.store"] = "false",
        ["enable.partition.eof"] = "true",
        ["auto.offset.reset"] = "error",
        ["allow.auto.create.topics"] = "false",
        ["group.id"] = "",
        ["group.instance.id"] = "",
        ["group.protocol"] = "",
    };

    /// <exception cref="ConfigurationException">A setting that is ours, no broker named, or a name that can't be one.</exception>
    public static void Check(KafkaSourceOptions options)
    {
        if (options.LookEvery <= TimeSpan.Zero) throw new ConfigurationException($"New partitions can't be looked for every {options.LookEvery.TotalSeconds} s; LookEvery has to be longer than nothing.");
        foreach (var (setting, value) in options.Client)
        {
            if (!Owned.TryGetValue(setting, out var allowed) || (allowed.Length > 0 && value == allowed)) continue;
            throw new ConfigurationException(
                $"The Kafka client setting {setting} can't be set for a source: exactly-once reading rests on it" + (allowed.Length > 0 ? $" being '{allowed}'." : ", and partitions are assigned by Pathway, without a consumer group.") + " Take it out.");
        }

        ClientSettings.Check(options.AsClient() with { Client = options.Client.Where(s => !Owned.ContainsKey(s.Key)).ToDictionary() });
    }

    /// <summary>For the reader.</summary>
    public static ConsumerConfig Consumer(KafkaSourceOptions options, string pipeline)
    {
        var config = new ConsumerConfig();
        foreach (var (setting, value) in Defaults) config.Set(setting, value);
        ClientSettings.Common(config, options.AsClient(), pipeline, ClientSettings.ForReaders(options.AsClient()));
        // The client asks for a name; no group is ever joined, and no offset is stored in one.
        config.Set("group.id", $"pathway.{pipeline}.{options.Name}");
        foreach (var (setting, value) in Owned)
            if (value.Length > 0) config.Set(setting, value);
        return config;
    }
}
