using Pathway.Connectors;
using Pathway.Connectors.Kafka;
using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Programs;

/// <summary>How often each word came in a topic: into a topic, a table, a table of changes, and a file. Servers and topic are those of <c>KAFKA</c>, <c>POSTGRES</c> and <c>TOPIC</c>.</summary>
public static class Words
{
    public sealed record Spoken(string Word);

    public sealed record Count(string Word, long Times);

    internal static void Describe(Pipeline pipeline, string folder)
    {
        var (kafka, topic, database) = (Variable("KAFKA"), Variable("TOPIC"), new PostgresTargetOptions { Connection = Variable("POSTGRES"), Tables = TableCreation.Create });
        var counts = pipeline.Table(Kafka.Stream<Spoken>(topic, new KafkaSourceOptions { BootstrapServers = kafka })).GroupBy(w => w.Word).Select(g => new Count(g.Key, g.Count()));
        counts.To(Kafka.Keyed<string, Count>($"{topic}.counts", new KafkaOptions { BootstrapServers = kafka }));
        counts.To(Postgres.Keyed<string, Count>("public.counts", database));
        counts.Rows().To(Postgres.Changes<Count>("public.changes", database));
        counts.To(Files.KeyedSink<string, Count>(Path.Combine(folder, "counts.jsonl")));
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} isn't set.");
}
