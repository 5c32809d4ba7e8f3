using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Connectors;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Kafka;
using KafkaSinks = Pathway.Connectors.Kafka.Kafka;
using Pathway.Connectors.Postgres;
using Pathway.Core;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Golden;

/// <summary>A scenario's SQL on a real database, while a real pipeline reads it into a real Kafka.</summary>
/// <remarks>A table of our own is published beside the scenario's: when a row of it comes by, everything written before has been read.</remarks>
internal sealed class ScenarioRun(TestDatabase database, string bootstrapServers, ScenarioScript script) : IAsyncDisposable
{
    private const string Probe = "zz_probe.tick";
    private readonly Dictionary<string, NpgsqlConnection> _sessions = [];
    private readonly ProbeReader _probe = new();
    private readonly MessageLog _log = new();
    private int _probes;

    /// <summary>Does all of it; when it returns, everything has arrived.</summary>
    /// <param name="events">The form of the events.</param>
    /// <param name="heartbeatEvery">How often a heartbeat is written; zero for never.</param>
    /// <returns>Whether the rows of the setup were loaded: not where a table has no primary key.</returns>
    public async Task<bool> RunAsync(DebeziumOptions events, TimeSpan heartbeatEvery)
    {
        await RunAsync(script.Setup, () => throw new InvalidOperationException("Nothing is read during the setup."));
        await database.ExecuteAsync($"CREATE SCHEMA zz_probe; CREATE TABLE {Probe} (id serial PRIMARY KEY)");
        var (tables, allHaveKeys) = await PublishedAsync();
        using var stop = new CancellationTokenSource();
        var pipeline = Build(events, heartbeatEvery, tables, initialLoad: allHaveKeys);
        var running = pipeline.RunAsync(_log, stop: stop.Token);
        try
        {
            await FirstOf(running, pipeline.Status.Streaming, "streaming begins");
            if (allHaveKeys) await FirstOf(running, _log.Saw("Initial load complete"), "the initial load is complete");
            await RunAsync(script.Steps, () => CaughtUpAsync(running));
            await CaughtUpAsync(running);
            if (heartbeatEvery > TimeSpan.Zero) await FirstOf(running, _probe.Beat, "a heartbeat");
            return allHaveKeys;
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values) await session.DisposeAsync();
    }

    private Pipeline Build(DebeziumOptions events, TimeSpan heartbeatEvery, IReadOnlyList<string> tables, bool initialLoad)
    {
        var pipeline = Pipeline.Create($"golden-{Guid.NewGuid():N}", options => options with { StateDirectory = RunFolder.NewFolder("golden") });
        var source = new PostgresOptions { Connection = database.ConnectionString, Name = pipeline.Name, Publication = "golden_pub", InitialLoad = initialLoad };
        if (heartbeatEvery > TimeSpan.Zero) source = source with { HeartbeatEvery = heartbeatEvery };
        var also = StreamKinds.Messages | (events.TransactionMetadata ? StreamKinds.Transactions : 0) | (heartbeatEvery > TimeSpan.Zero ? StreamKinds.Heartbeats : 0);
        var target = new KafkaOptions { BootstrapServers = bootstrapServers, Partitions = 1 };
        pipeline.Stream(Postgres.Changes(tables, source, also)).To(KafkaSinks.Stream(new DebeziumJsonFormatter(events, TimeProvider.System), target, "events"));
        pipeline.Stream(Postgres.Changes([Probe], source, also & StreamKinds.Heartbeats)).To(KafkaSinks.Stream(_probe, target, "nothing"));
        return pipeline;
    }

    // What is published, and whether all of it can be loaded.
    private async Task<(IReadOnlyList<string> Tables, bool AllHaveKeys)> PublishedAsync()
    {
        var isAll = await database.ScalarAsync<bool>("select puballtables from pg_publication");
        if (!isAll) await database.ExecuteAsync($"ALTER PUBLICATION golden_pub ADD TABLE {Probe}");
        string[] tables = isAll ? ["*"] : await database.ScalarAsync<string[]>("select array_agg(schemaname || '.' || tablename) from pg_publication_tables where schemaname <> 'zz_probe'");
        var keyless = await database.ScalarAsync<long>("""
            select count(*) from pg_publication_tables t join pg_namespace n on n.nspname = t.schemaname join pg_class c on c.relnamespace = n.oid and c.relname = t.tablename
            where not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
            """);
        return (tables, keyless == 0);
    }

    private async Task RunAsync(IReadOnlyList<ScenarioScript.Step> steps, Func<Task> caughtUp)
    {
        foreach (var step in steps)
        {
            if (step.Statement is null)
            {
                await caughtUp();
                continue;
            }

            if (!_sessions.TryGetValue(step.Session, out var session))
            {
                _sessions[step.Session] = session = new NpgsqlConnection(database.ConnectionString);
                await session.OpenAsync();
            }

            await using var command = new NpgsqlCommand(step.Statement, session);
            await command.ExecuteNonQueryAsync();
        }
    }

    private async Task CaughtUpAsync(Task running)
    {
        var seen = _probe.Seen(++_probes);
        await database.ExecuteAsync($"INSERT INTO {Probe} DEFAULT VALUES");
        await FirstOf(running, seen, $"probe {_probes} is read");
    }

    private static async Task FirstOf(Task running, Task awaited, string what)
    {
        var first = await Task.WhenAny(running, awaited, Task.Delay(TimeSpan.FromSeconds(30)));
        if (first == running) await running;
        Assert.True(first == awaited, $"Not so within 30 s, or the pipeline ended: {what}.");
    }

    /// <summary>Formats nothing, but tells how many rows it has met.</summary>
    private sealed class ProbeReader : IStreamFormatter<ChangeEvent>
    {
        private readonly Dictionary<int, TaskCompletionSource> _waiting = [];
        private readonly TaskCompletionSource _beat = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _rows;

        public Task Beat => _beat.Task;

        public Task Seen(int rows)
        {
            lock (_waiting) return (_waiting[rows] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        public void Format(ReadOnlySpan<ChangeEvent> rows, OutputBuffer output)
        {
            lock (_waiting)
            {
                foreach (var change in rows)
                {
                    if (change.Kind == ChangeKind.Heartbeat) _beat.TrySetResult();
                    else _waiting[++_rows].TrySetResult();
                }
            }
        }
    }

    /// <summary>Waits for what the pipeline says.</summary>
    private sealed class MessageLog : ILogger
    {
        private readonly List<string> _messages = [];
        private readonly Dictionary<string, TaskCompletionSource> _waiting = [];

        public Task Saw(string text)
        {
            lock (_messages)
            {
                if (_messages.Any(m => m.Contains(text, StringComparison.Ordinal))) return Task.CompletedTask;
                return (_waiting[text] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var message = formatter(state, exception);
            lock (_messages)
            {
                _messages.Add(message);
                foreach (var (text, source) in _waiting)
                    if (message.Contains(text, StringComparison.Ordinal)) source.TrySetResult();
            }
        }

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
