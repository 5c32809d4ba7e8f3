using System.CommandLine;
using System.Globalization;
using System.Text;
using Pathway.Connectors.Kafka;

namespace Pathway.Cli;

/// <summary><c>pathway dlq</c>: what stands in a dead-letter topic, and back with it.</summary>
internal static class DlqCommand
{
    private const int ShownMax = 200;

    public static Command Create(CliContext context)
    {
        var brokers = new Option<string>("--kafka") { Description = "The cluster's brokers.", HelpName = "HOST:PORT", Required = true };
        var topic = new Option<string>("--topic") { Description = "The dead-letter topic.", HelpName = "TOPIC", Required = true };
        var settings = new Option<string[]>("--setting") { Description = "A setting of the Kafka client, such as security.protocol=SSL; may be repeated.", HelpName = "NAME=VALUE", DefaultValueFactory = _ => [] };
        var max = new Option<int>("--max") { Description = "At most so many letters.", HelpName = "N", DefaultValueFactory = _ => 1000 };
        var to = new Option<string?>("--to") { Description = "Send all of them to this topic, rather than each to its own.", HelpName = "TOPIC" };
        var list = new Command("list", "List the letters that weren't sent back: place, reason, key and value.") { brokers, topic, settings, max };
        list.SetAction((parsed, stop) => Task.Run(() => List(context, Open(parsed.GetValue(brokers)!, parsed.GetValue(topic)!, parsed.GetValue(settings)!), parsed.GetValue(max), stop), stop));
        var replay = new Command("replay", "Send the letters back to the topics they came from, each exactly once, also over several calls.") { brokers, topic, settings, max, to };
        replay.SetAction((parsed, stop) => Task.Run(() => Replay(context, Open(parsed.GetValue(brokers)!, parsed.GetValue(topic)!, parsed.GetValue(settings)!), parsed.GetValue(max), parsed.GetValue(to), stop), stop));
        return new Command("dlq", "Look at dead letters, and send them back.") { list, replay };
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
            context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stored.Partition}/{stored.Offset}  from {letter.Topic}, partition {letter.Partition}, offset {letter.Offset}"));
            context.Output.WriteLine($"    {letter.Reason}");
            context.Output.WriteLine($"    key {Show(letter.Key)}, value {Show(letter.Value)}");
        }

        context.Output.WriteLine($"{letters.Count} {(letters.Count == 1 ? "letter" : "letters")}");
    }

    private static void Replay(CliContext context, DeadLetterBox box, int max, string? to, CancellationToken stop)
    {
        var sent = box.Replay(max, to, stop);
        context.Output.WriteLine($"{sent} {(sent == 1 ? "letter" : "letters")} sent back");
    }

    private static string Show(ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } some) return "none";
        var text = Encoding.UTF8.GetString(some.Span[..Math.Min(some.Length, ShownMax)]);
        return text.Any(c => char.IsControl(c) || c == '\uFFFD') ? Convert.ToHexStringLower(some.Span[..Math.Min(some.Length, ShownMax / 2)]) : some.Length > ShownMax ? text + "…" : text;
    }
}
