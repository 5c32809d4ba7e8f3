using System.Net;
using Confluent.SchemaRegistry;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>A registry that speaks Confluent's protocol. Numbers are kept for ever, since they never change.</summary>
/// <remarks>
/// While the registry can't be reached, or refuses a schema as incompatible with earlier ones, it waits and tries again: the transaction that needs the schema waits with it, so that nothing is
/// dropped and nothing overtakes. Used by one worker.
/// </remarks>
public sealed class ConfluentSchemaRegistry : ISchemaRegistry, IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);

    private readonly SchemaRegistryOptions _options;
    private readonly CachedSchemaRegistryClient _client;
    private readonly TimeProvider _time;
    private readonly Dictionary<(string Subject, string Schema), int> _ids = [];

    /// <summary>Makes the client; nothing is asked yet.</summary>
    /// <exception cref="ConfigurationException">The client refuses its settings.</exception>
    public ConfluentSchemaRegistry(SchemaRegistryOptions options, TimeProvider time) => (_options, _time, _client) = (options, time, Open(options));

    /// <inheritdoc/>
    public int IdOf(string topic, bool isKey, string record, string schema)
    {
        var subject = SubjectOf(topic, isKey, record);
        if (_ids.TryGetValue((subject, schema), out var id)) return id;
        id = Ask(subject, schema);
        _ids.Add((subject, schema), id);
        return id;
    }

    /// <summary>What stands in the way of using the registry, as a sentence; null for nothing. Changes nothing.</summary>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _client.GetAllSubjectsAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (SchemaRegistryException exception)
        {
            return Told(ProblemOf(exception.Status, exception.Message));
        }
        catch (HttpRequestException exception)
        {
            return Told(ProblemOf(exception.StatusCode ?? StatusIn(exception.Message), exception.Message));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The schema registry at {_options.Url} doesn't answer in time.";
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>A client with the user's settings.</summary>
    /// <exception cref="ConfigurationException">The client refuses them.</exception>
    internal static CachedSchemaRegistryClient Open(SchemaRegistryOptions options)
    {
        try
        {
            // Retries are ours: they tell why, and end when we are asked to stop. (The client falls over a limit of 0.)
            var settings = new Dictionary<string, string>(options.Client, StringComparer.Ordinal)
            {
                ["schema.registry.url"] = options.Url, ["schema.registry.max.retries"] = "1", ["schema.registry.retries.wait.ms"] = "1",
            };
            return new CachedSchemaRegistryClient(settings);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidOperationException or System.Security.Cryptography.CryptographicException or IOException)
        {
            throw new ConfigurationException($"The client of the schema registry refuses its settings: {exception.Message}");
        }
    }

    private string SubjectOf(string topic, bool isKey, string record) => _options.Subjects switch
    {
        SubjectNames.Record => record,
        SubjectNames.TopicRecord => $"{topic}-{record}",
        _ => isKey ? $"{topic}-key" : $"{topic}-value",
    };

    private int Ask(string subject, string schema)
    {
        var since = _time.GetTimestamp();
        var (delay, told) = (FirstDelay, default(string));
        while (true)
        {
            _options.Stop.ThrowIfCancellationRequested();
            var problem = TryAsk(subject, schema, Tell, out var id);
            if (problem is null)
            {
                if (told is not null) _options.Waiting?.Invoke(null);
                return id;
            }

            if (problem.Refusal is { } refusal && (!problem.MayBeSolved || IsOver(since))) throw refusal;
            if (problem.Refusal is null && IsOver(since)) throw new ConnectorException(problem.Text);
            Tell(problem.Text);
            _options.Stop.WaitHandle.WaitOne(problem.Refusal is null ? delay : _options.RetryEvery);
            delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, _options.RetryEvery.Ticks));
        }

        void Tell(string reason)
        {
            if (told != reason) _options.Waiting?.Invoke(told = reason);
        }
    }

    private bool IsOver(long since) => _options.GiveUpAfter is { } limit && _time.GetElapsedTime(since) >= limit;

    private Problem? TryAsk(string subject, string schema, Action<string> tell, out int id)
    {
        id = 0;
        try
        {
            var registered = new Schema(schema, SchemaType.Avro);
            var asked = _options.Register ? _client.RegisterSchemaAsync(subject, registered, normalize: false) : _client.GetSchemaIdAsync(subject, registered, normalize: false);
            id = _options.Await(asked, tell);
            return null;
        }
        catch (SchemaRegistryException exception)
        {
            return ProblemOf(exception.Status, exception.ErrorCode, exception.Message, subject, schema);
        }
        catch (HttpRequestException exception)
        {
            return ProblemOf(exception.StatusCode ?? StatusIn(exception.Message), code: -1, exception.Message, subject, schema);
        }
        catch (OperationCanceledException exception) when (!_options.Stop.IsCancellationRequested)
        {
            return new Problem($"The schema registry at {_options.Url} doesn't answer in time: {exception.Message}", Refusal: null, MayBeSolved: true);
        }
    }

    /// <summary>The status of an answer without a body, of which the client keeps only the word, at the end of its message.</summary>
    private static HttpStatusCode? StatusIn(string message) =>
        Enum.TryParse<HttpStatusCode>(message[(message.LastIndexOf(' ') + 1)..].TrimEnd(), out var status) && Enum.IsDefined(status) ? status : null;

    private Problem ProblemOf(HttpStatusCode? status, int code, string message, string subject, string schema)
    {
        if (status == HttpStatusCode.Conflict || code is 409 or 40901)
        {
            return Solvable(
                $"the schema registry doesn't take the schema of {subject}, since it isn't compatible with an earlier one", $"{Short(message)} Schema: {Short(schema)}",
                "a change of the table that the subject's compatibility level allows",
                $"Set the level of {subject} so that it allows the change (PUT /config/{subject}), or register the schema by hand; the pipeline then goes on by itself.");
        }

        if (status == HttpStatusCode.NotFound || code is 40401 or 40403)
        {
            return Solvable(
                $"the schema registry doesn't have the schema of {subject}, and registering is switched off", Short(schema), "a schema that was registered beforehand",
                "Register it; the pipeline then goes on by itself. Or let it register what is new.");
        }

        if (status == HttpStatusCode.UnprocessableEntity)
        {
            return new Problem("", new RefusalException(
                $"the schema registry takes the schema of {subject} for no schema", $"{Short(message)} Schema: {Short(schema)}", "a schema that it can read",
                "If names are odd, set schema.name.adjustment.mode and field.name.adjustment.mode to avro."), MayBeSolved: false);
        }

        return ProblemOf(status, message);
    }

    private Problem ProblemOf(HttpStatusCode? status, string message)
    {
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return new Problem("", new RefusalException(
                "the schema registry doesn't let us in", $"status {(int)status} from {_options.Url}", "a user who may read and register schemas",
                "Check schema.registry.basic.auth.user.info, or the other credentials, among the client's settings."), MayBeSolved: false);
        }

        return new Problem($"The schema registry at {_options.Url} can't be used now: {Short(message)}{OfCertificate(message)}", Refusal: null, MayBeSolved: true);
    }

    /// <summary>What the client keeps to itself where it doesn't trust the server.</summary>
    internal static string OfCertificate(string message) => message.Contains("SSL connection", StringComparison.Ordinal)
        ? " Is its certificate trusted? That of its authority is named by schema.registry.ssl.ca.location, and the server has to send it along, or it is among those of this machine (SSL_CERT_FILE)."
        : "";

    private static string Told(Problem problem) => problem.Refusal?.Message ?? problem.Text;

    private static Problem Solvable(string what, string found, string expected, string remedy)
    {
        var refusal = new RefusalException(what, found, expected, remedy);
        return new Problem(refusal.Message, refusal, MayBeSolved: true);
    }

    private static string Short(string text) => text.Length <= 600 ? text : text[..600] + "…";

    /// <summary>Why there is no number.</summary>
    /// <param name="Text">For people.</param>
    /// <param name="Refusal">The registry's no; null where it didn't answer.</param>
    /// <param name="MayBeSolved">Whether somebody may change its mind.</param>
    private sealed record Problem(string Text, RefusalException? Refusal, bool MayBeSolved);
}
