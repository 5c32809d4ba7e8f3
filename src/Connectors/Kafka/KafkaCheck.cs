using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Looks at a cluster the way a first start would, and changes nothing.</summary>
public static class KafkaCheck
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    /// <summary>What would keep a pipeline from writing there, as sentences; empty if nothing would.</summary>
    /// <param name="options">The cluster.</param>
    /// <param name="pipelineName">The pipeline's name.</param>
    /// <param name="topics">The topics it writes, as far as they are known.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IReadOnlyList<string>> FindProblemsAsync(KafkaOptions options, string pipelineName, IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        try
        {
            ClientSettings.Check(options);
            using var known = new KafkaTopics(options, pipelineName, NullLogger.Instance);
            var problems = topics.Append(TopicNames.Progress(pipelineName)).Where(t => TopicNames.Problem(t) is not null).Select(t => $"'{t}' can't be the name of a Kafka topic: {TopicNames.Problem(t)}.").ToList();
            if (await FindProblemOfClusterAsync(known, options, cancellationToken).ConfigureAwait(false) is { } unreachable) return [.. problems, unreachable];
            await AddProblemsOfTopicsAsync(problems, known, options, [.. topics.Where(t => TopicNames.Problem(t) is null)], cancellationToken).ConfigureAwait(false);
            if (problems.Count == 0) await AddProblemOfProgressAsync(problems, known, pipelineName, cancellationToken).ConfigureAwait(false);
            return problems;
        }
        catch (PathwayException e)
        {
            return [e.Message];
        }
    }

    /// <summary>What would keep a pipeline from reading these topics, as sentences; empty if nothing would.</summary>
    /// <param name="options">The cluster.</param>
    /// <param name="pipelineName">The pipeline's name.</param>
    /// <param name="topics">The topics it reads.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IReadOnlyList<string>> FindProblemsOfSourceAsync(KafkaSourceOptions options, string pipelineName, IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        try
        {
            SourceSettings.Check(options);
            using var known = new KafkaTopics(options.AsClient(), pipelineName, NullLogger.Instance);
            if (await FindProblemOfClusterAsync(known, options.AsClient(), cancellationToken).ConfigureAwait(false) is { } unreachable) return [unreachable];
            var missing = await known.FindMissingAsync(topics, cancellationToken).ConfigureAwait(false);
            return [.. missing.Select(t => $"The Kafka topic {t} to read from doesn't exist, or the user may not see it. Create it, or correct the name.")];
        }
        catch (PathwayException e)
        {
            return [e.Message];
        }
    }

    private static async Task<string?> FindProblemOfClusterAsync(KafkaTopics known, KafkaOptions options, CancellationToken cancellationToken)
    {
        var servers = ClientSettings.BootstrapServersOf(options);
        try
        {
            var cluster = await known.Admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = Wait }).WaitAsync(cancellationToken).ConfigureAwait(false);
            return cluster.Nodes.Count > 0 ? null : $"The Kafka cluster at {servers} has no broker.";
        }
        catch (KafkaException e)
        {
            return $"No Kafka broker answers at {servers}: {e.Error.Reason} ({e.Error.Code}). Check bootstrap.servers, and security.protocol and sasl settings if the cluster asks for them.";
        }
    }

    private static async Task AddProblemsOfTopicsAsync(List<string> problems, KafkaTopics known, KafkaOptions options, IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        if (topics.Count == 0) return;
        var described = await DescribeAsync(known, topics, cancellationToken).ConfigureAwait(false);
        foreach (var topic in described)
        {
            var missing = topic.Error.Code == ErrorCode.UnknownTopicOrPart;
            if (missing && options.Topics == TopicCreation.MustExist)
                problems.Add($"The Kafka topic {topic.Name} doesn't exist, and topics are to exist (must-exist). Create it, or let Pathway create topics.");
            else if (topic.Error.IsError && !missing)
                problems.Add($"The Kafka topic {topic.Name} can't be described: {topic.Error.Reason} ({topic.Error.Code}).");
            else if (topic.AuthorizedOperations is { Count: > 0 } rights && !rights.Contains(AclOperation.Write))
                problems.Add($"The Kafka user may not write to the topic {topic.Name}. Grant Write on it.");
        }
    }

    private static async Task<IReadOnlyList<TopicDescription>> DescribeAsync(KafkaTopics known, IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        try
        {
            var result = await known.Admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(topics), new DescribeTopicsOptions { RequestTimeout = Wait, IncludeAuthorizedOperations = true })
                .WaitAsync(cancellationToken).ConfigureAwait(false);
            return result.TopicDescriptions;
        }
        catch (DescribeTopicsException e)
        {
            return e.Results.TopicDescriptions;
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.ToFailure(e.Error, "Describing Kafka topics", e);
        }
    }

    private static async Task AddProblemOfProgressAsync(List<string> problems, KafkaTopics known, string pipelineName, CancellationToken cancellationToken)
    {
        var progress = TopicNames.Progress(pipelineName);
        if ((await known.FindMissingAsync([progress], cancellationToken).ConfigureAwait(false)).Count > 0) return;
        var policy = (await known.DescribeAsync(progress, cancellationToken).ConfigureAwait(false))?.GetValueOrDefault("cleanup.policy");
        if (policy != "compact") problems.Add($"The progress topic {progress} has cleanup.policy={policy ?? "(can't be read)"}, and may lose markers. It needs cleanup.policy=compact, and the right to describe it.");
    }
}
