using Pathway.Connectors.Kafka;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary><c>sync --check</c>: looks at both servers the way a first start would, and changes nothing.</summary>
internal static class SyncCheck
{
    /// <summary>Writes what was found; the exit code is 0 when nothing stands in the way of a start, else 2.</summary>
    public static async Task<int> RunAsync(SyncConfiguration configuration, TextWriter output, CancellationToken stop)
    {
        if (configuration.FromKafka is { } topics)
        {
            var ofSource = await KafkaRoute.FindProblemsAsync(configuration, topics, stop);
            Tell(output, "Kafka", ofSource);
            if (configuration.Target is null)
            {
                var ofTopics = await KafkaCheck.FindProblemsAsync(SyncPipeline.Target(configuration), configuration.Name, DeadLetters(configuration.Kafka!.DeadLetters), stop);
                Tell(output, "Kafka target", ofTopics);
                return ofSource.Count + ofTopics.Count == 0 ? ExitCode.Stopped : ExitCode.BadUsage;
            }

            // What the tables are is known with the first records; the rights and the place of the markers can be looked at now.
            var ofTarget = await ReplicaCheck.FindProblemsAsync(SyncPipeline.TargetDatabase(configuration.Target), stop);
            Tell(output, $"Postgres target ({SyncPipeline.TargetDatabase(configuration.Target)})", ofTarget);
            return ofSource.Count + ofTarget.Count == 0 ? ExitCode.Stopped : ExitCode.BadUsage;
        }

        var postgres = PostgresCheck.FindProblemsAsync(SyncPipeline.Source(configuration), configuration.Postgres.Tables, stop);
        var rules = await PostgresCheck.FindProblemsOfRulesAsync(SyncPipeline.Source(configuration), configuration.Postgres.Tables, configuration.Rules, stop);
        if (configuration.Target is not null) return await CheckTargetAsync(configuration, configuration.Target, [.. await postgres, .. rules], output, stop);
        var kafka = KafkaCheck.FindProblemsAsync(SyncPipeline.Target(configuration), configuration.Name, [.. SyncPipeline.KnownTopics(configuration), .. DeadLetters(configuration.Kafka!.DeadLetters)], stop);
        using var client = SyncPipeline.Registry(configuration, _ => { }, stop);
        var registry = client is null ? null : await client.FindProblemAsync(stop);
        var problems = (Postgres: (IReadOnlyList<string>)[.. await postgres, .. rules], Kafka: await kafka);
        Tell(output, "Postgres", problems.Postgres);
        Tell(output, "Kafka", problems.Kafka);
        if (client is not null) Tell(output, "Schema registry", registry is null ? [] : [registry]);
        return problems.Postgres.Count + problems.Kafka.Count == 0 && registry is null ? ExitCode.Stopped : ExitCode.BadUsage;
    }

    private static string[] DeadLetters(string? topic) => topic is null ? [] : [topic];

    private static Task<IReadOnlyList<string>> FindProblemsOfTargetAsync(SyncConfiguration configuration, PostgresTargetConfiguration target, CancellationToken stop) =>
        ReplicaCheck.FindProblemsAsync(SyncPipeline.Source(configuration), configuration.Postgres.Tables, SyncPipeline.TargetDatabase(target), SyncPipeline.ReplicaNames(configuration, target), stop);

    private static async Task<int> CheckTargetAsync(SyncConfiguration configuration, PostgresTargetConfiguration target, IReadOnlyList<string> source, TextWriter output, CancellationToken stop)
    {
        Tell(output, "Postgres", source);
        IReadOnlyList<string> problems = [];
        try
        {
            // What the tables are the source can say only where it can be read; the rest of the target can be looked at in any case.
            problems = await (source.Count == 0 ? FindProblemsOfTargetAsync(configuration, target, stop) : ReplicaCheck.FindProblemsAsync(SyncPipeline.TargetDatabase(target), stop));
        }
        catch (ConnectorException e)
        {
            problems = [e.Message];
        }

        Tell(output, $"Postgres target ({SyncPipeline.TargetDatabase(target)})", problems);
        return source.Count + problems.Count == 0 ? ExitCode.Stopped : ExitCode.BadUsage;
    }

    private static void Tell(TextWriter output, string where, IReadOnlyList<string> problems)
    {
        output.WriteLine(problems.Count == 0 ? $"{where}: good" : $"{where}: {problems.Count} problem{(problems.Count == 1 ? "" : "s")}");
        foreach (var problem in problems) output.WriteLine($"  - {problem.ReplaceLineEndings(Environment.NewLine + "    ")}");
    }
}
