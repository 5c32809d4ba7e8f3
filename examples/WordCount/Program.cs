// How often each word came: from a Kafka topic of {"word":"…"} to a topic of counts, exactly once.
//   WordCount --kafka localhost:9092 [--from words] [--to counts] [--state DIR] [--name NAME]
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Pathway;
using Pathway.Connectors.Kafka;
using WordCount;

string? Argument(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

if (Argument("--kafka") is not { } brokers)
{
    Console.Error.WriteLine("Usage: WordCount --kafka BROKERS [--from TOPIC] [--to TOPIC] [--state DIR] [--name NAME]");
    return 2;
}

var pipeline = Pipeline.Create(Argument("--name") ?? "word-count", options => options with { StateDirectory = Argument("--state") ?? "word-count-state" });
var words = pipeline.Table(Kafka.Stream<Spoken>(Argument("--from") ?? "words", new KafkaSourceOptions { BootstrapServers = brokers }));
words.GroupBy(w => w.Word).Select(g => new Count(g.Key, g.Count()))
    .To(Kafka.Keyed<string, Count>(Argument("--to") ?? "counts", new KafkaOptions { BootstrapServers = brokers }));

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
await pipeline.RunAsync(loggers.CreateLogger("word-count"), stop: stop.Token);
return 0;
