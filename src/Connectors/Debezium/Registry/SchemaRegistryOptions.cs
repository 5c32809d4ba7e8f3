namespace Pathway.Connectors.Debezium;

/// <summary>Which schema registry is used, and how.</summary>
public sealed record SchemaRegistryOptions
{
    /// <summary>Its address, several with commas between: http://registry:8081.</summary>
    public required string Url { get; init; }

    /// <summary>Settings of Confluent's client, such as schema.registry.basic.auth.user.info and schema.registry.ssl.ca.location; they may hold secrets.</summary>
    public IReadOnlyDictionary<string, string> Client { get; init; } = new Dictionary<string, string>();

    /// <summary>Under which subjects schemas are registered. Default: topic-key and topic-value.</summary>
    public SubjectNames Subjects { get; init; }

    /// <summary>Whether schemas that are new are registered (Confluent: <c>auto.register.schemas</c>). Default: yes; no: they must be there.</summary>
    public bool Register { get; init; } = true;

    /// <summary>After waiting for so long, for the registry or for a schema that it refuses, the pipeline stops. Null, the default: never.</summary>
    public TimeSpan? GiveUpAfter { get; init; }

    /// <summary>How often a schema that was refused is tried again. Default: 5 s.</summary>
    public TimeSpan RetryEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so long without an answer to a question <see cref="Waiting"/> is told. Default: 2 s.</summary>
    public TimeSpan TellAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Told why nothing goes on, and with null that it does again.</summary>
    public Action<string?>? Waiting { get; init; }

    /// <summary>Ends the waiting.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Waits for an answer, and tells when it takes long: the caller's thread stands still meanwhile, which somebody should know.</summary>
    /// <exception cref="OperationCanceledException">We were asked to stop.</exception>
    internal T Await<T>(Task<T> asked, Action<string> tell)
    {
        try
        {
            return asked.WaitAsync(TellAfter, Stop).GetAwaiter().GetResult();
        }
        catch (TimeoutException) when (!asked.IsCompleted)
        {
            tell($"The schema registry at {Url} hasn't answered for {TellAfter.TotalSeconds:0.#} s.");
            return asked.WaitAsync(Stop).GetAwaiter().GetResult();
        }
    }
}

/// <summary>Under which subjects schemas are registered.</summary>
public enum SubjectNames
{
    /// <summary>topic-key, topic-value (TopicNameStrategy).</summary>
    Topic,

    /// <summary>The record's full name (RecordNameStrategy).</summary>
    Record,

    /// <summary>topic-, then the record's full name (TopicRecordNameStrategy).</summary>
    TopicRecord,
}
