using System.CommandLine;
using System.Globalization;
using System.Text;
using Pathway.Connectors.Kafka;
using Pathway.Connectors.Postgres;

namespace Pathway.Cli;

/// <summary><c>pathway dlq</c>: what stands in dead letters, a topic or a table, and back with it.</summary>
internal static class DlqCommand
{
    private const int ShownMax = 200;

    public static Command Create(CliContext context)
    {
        var config = new Option<string?>("--config") { Description = "The configuration of a sync into Postgres with to.postgres.dead-letters, whose table of dead letters is meant.", HelpName = "FILE" };
        var brokers = new Option<string?>("--kafka") { Description = "The brokers of the cluster with the dead-letter topic.", HelpName = "HOST:PORT" };
        var topic = new Option<string?>("--topic") { Description = "The dead-letter topic.", HelpName = "TOPIC" };
        var settings = new Option<string[]>("--setting") { Description = "A setting of the Kafka client, such as security.protocol=SSL; may be repeated.", HelpName = "NAME=VALUE", DefaultValueFactory = _ => [] };
        var max = new Option<int>("--max") { Description = "At most so many letters.", HelpName = "N", DefaultValueFactory = _ => 1000 };
        var to = new Option<string?>("--to") { Description = "Send all of them to this topic, rather than each to its own.", HelpName = "TOPIC" };
        var list = new Command("list", "List the letters that weren't sent back: place, reason, key and value.") { config, brokers, topic, settings, max };
        list.SetAction((parsed, stop) => Table(parsed.GetValue(config), parsed.GetValue(brokers), parsed.GetValue(topic)) is { } table
            ? ListAsync(context, table, parsed.GetValue(max), stop)
            : Task.Run(() => List(context, Open(parsed.GetValue(brokers)!, parsed.GetValue(topic)!, parsed.GetValue(settings)!), parsed.GetValue(max), stop), stop));
        var replay = new Command("replay", "Send the letters back to the topics they came from or were for, or write their rows into their tables, each exactly once, also over several calls.") { config, brokers, topic, settings, max, to };
        replay.SetAction((parsed, stop) => Table(parsed.GetValue(config), parsed.GetValue(brokers), parsed.GetValue(topic)) is { } table
            ? ReplayAsync(context, table, parsed.GetValue(max), stop)
            : Task.Run(() => Replay(context, Open(parsed.GetValue(brokers)!, parsed.GetValue(topic)!, parsed.GetValue(settings)!), parsed.GetValue(max), parsed.GetValue(to), stop), stop));
        return new Command("dlq", "Look at dead letters, and send them back.") { list, replay };
    }

    /// <summary>The table of a sync's configuration; null where a topic is named.</summary>
    private static PostgresDeadLetters? Table(string? config, string? brokers, string? topic)
    {
        if (config is null && brokers is not null && topic is not null) return null;
        if (config is null || brokers is not null || topic is not null)
            throw new Core.ConfigurationException("Name the dead letters: --kafka HOST:PORT --topic TOPIC for those in a topic, or --config FILE for those of a sync into Postgres.");
        var configuration = SyncConfigurationReader.Read(config, Substitution.OfThisProcess);
        return configuration.Target is { DeadLetters: not null } target
            ? new PostgresDeadLetters(SyncPipeline.TargetDatabase(target), configuration.Name)
            : throw new Core.ConfigurationException($"'{config}' has no to.postgres.dead-letters. Dead letters in a topic are named by --kafka HOST:PORT --topic TOPIC.");
    }

    private static DeadLetterBox Open(string brokers, string topic, string[] settings)
    {
        var client = new Dictionary<string, string>();
        foreach (var setting in settings)
        {
            var at = setting.IndexOf('=', StringComparison.Ordinal);
            if (at < 1) throw new Core.ConfigurationException("--setting has to be NAME=VALUE, such as security.protocol=SSL.");
            client[setting[..at]] = setting[(at + 1)..];
        }

        return new DeadLetterBox(new KafkaSourceOptions { BootstrapServers = brokers, Client = client }, topic);
    }

    private static void List(CliContext context, DeadLetterBox box, int max, CancellationToken stop)
    {
        var letters = box.List(max, stop);
        foreach (var stored in letters)
        {
            var letter = stored.Letter;
            var from = letter.Place is { } place ? $"to {letter.Topic}, {place}" : $"from {letter.Topic}, partition {letter.Partition}, offset {letter.Offset}";
            context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stored.Partition}/{stored.Offset}  {from}"));
            context.Output.WriteLine($"    {letter.Reason}");
            context.Output.WriteLine($"    key {Show(letter.Key)}, value {Show(letter.Value)}");
        }

        Count(context, letters.Count);
    }

    private static void Replay(CliContext context, DeadLetterBox box, int max, string? to, CancellationToken stop)
    {
        var sent = box.Replay(max, to, stop);
        context.Output.WriteLine($"{Letters(sent)} sent back");
    }

    private static async Task<int> ListAsync(CliContext context, PostgresDeadLetters table, int max, CancellationToken stop)
    {
        var letters = await table.ListAsync(max, stop);
        foreach (var letter in letters)
        {
            context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{letter.Id}  for {letter.Table}, commit {letter.Commit}, {letter.Position}"));
            context.Output.WriteLine($"    {letter.Reason}");
            context.Output.WriteLine($"    key {Show(letter.Key)}, {(letter.Row is null ? "a delete" : "row " + Show(letter.Row))}");
        }

        Count(context, letters.Count);
        return ExitCode.Stopped;
    }

    private static async Task<int> ReplayAsync(CliContext context, PostgresDeadLetters table, int max, CancellationToken stop)
    {
        var (written, refused) = await table.ReplayAsync(max, stop);
        context.Output.WriteLine($"{Letters(written)} written{(refused > 0 ? $", {refused} refused again" : "")}");
        return ExitCode.Stopped;
    }

    private static void Count(CliContext context, int letters) => context.Output.WriteLine(Letters(letters));

    private static string Letters(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "letter" : "letters")}");

    private static string Show(string? text) => text is null ? "none" : text.Length > ShownMax ? text[..ShownMax] + "…" : text;

    private static string Show(ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } some) return "none";
        var text = Encoding.UTF8.GetString(some.Span[..Math.Min(some.Length, ShownMax)]);
        return text.Any(c => char.IsControl(c) || c == '\uFFFD') ? Convert.ToHexStringLower(some.Span[..Math.Min(some.Length, ShownMax / 2)]) : some.Length > ShownMax ? text + "…" : text;
    }
}
