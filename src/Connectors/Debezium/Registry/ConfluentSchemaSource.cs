using System.Net;
using Confluent.SchemaRegistry;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Schemas of a registry that speaks Confluent's protocol. They are kept for ever, since a number never changes its schema.</summary>
/// <remarks>While the registry can't be reached, it waits and tries again: the records that need the schema wait with it. Used by one reader.</remarks>
public sealed class ConfluentSchemaSource : ISchemaSource, IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);

    private readonly SchemaRegistryOptions _options;
    private readonly CachedSchemaRegistryClient _client;
    private readonly TimeProvider _time;
    private readonly Dictionary<int, string> _schemas = [];

    /// <summary>Makes the client; nothing is asked yet.</summary>
    /// <exception cref="ConfigurationException">The client refuses its settings.</exception>
    public ConfluentSchemaSource(SchemaRegistryOptions options, TimeProvider time) => (_options, _time, _client) = (options, time, ConfluentSchemaRegistry.Open(options));

    /// <inheritdoc/>
    public string SchemaOf(int id)
    {
        if (_schemas.TryGetValue(id, out var known)) return known;
        return _schemas[id] = Ask(id);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private string Ask(int id)
    {
        var (since, delay, told) = (_time.GetTimestamp(), FirstDelay, false);
        while (true)
        {
            _options.Stop.ThrowIfCancellationRequested();
            string problem;
            try
            {
                var schema = _options.Await(_client.GetSchemaAsync(id), Tell);
                if (told) _options.Waiting?.Invoke(null);
                return schema.SchemaType == SchemaType.Avro ? schema.SchemaString : throw new FormatException($"schema {id} of the registry is {schema.SchemaType}, not Avro");
            }
            catch (SchemaRegistryException e) when (e.Status == HttpStatusCode.NotFound)
            {
                throw new FormatException($"the schema registry at {_options.Url} has no schema {id}", e);
            }
            catch (SchemaRegistryException e) when (e.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            {
                throw new RefusalException(
                    "the schema registry doesn't let us in", $"status {(int)e.Status} from {_options.Url}", "a user who may read schemas", "Check schema.registry.basic.auth.user.info, or the other credentials, among the client's settings.");
            }
            catch (Exception e) when (e is SchemaRegistryException or HttpRequestException || (e is OperationCanceledException && !_options.Stop.IsCancellationRequested))
            {
                problem = $"The schema registry at {_options.Url} can't be used now: {e.Message}{ConfluentSchemaRegistry.OfCertificate(e.Message)}";
            }

            if (_options.GiveUpAfter is { } limit && _time.GetElapsedTime(since) >= limit) throw new ConnectorException(problem);
            Tell(problem);
            _options.Stop.WaitHandle.WaitOne(delay);
            delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, _options.RetryEvery.Ticks));
        }

        void Tell(string reason)
        {
            if (!told) _options.Waiting?.Invoke(reason);
            told = true;
        }
    }
}
