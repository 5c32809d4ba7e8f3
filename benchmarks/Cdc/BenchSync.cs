using System.Diagnostics;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Kafka;
using Pathway.Connectors.Postgres;
using PostgresSource = Pathway.Connectors.Postgres.Postgres;

namespace Pathway.Benchmarks.Cdc;

/// <summary>The product's whole durable path over the benchmark's table, in this process.</summary>
internal sealed class BenchSync : IAsyncDisposable
{
    private readonly Pipeline _pipeline;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public BenchSync(string connection, string bootstrapServers, string name, string folder, bool initialLoad, bool contextHeaders = true, bool avro = false)
    {
        _pipeline = Pipeline.Create(name, options => options with { StateDirectory = Path.Combine(folder, name) });
        var form = new DebeziumOptions { TopicPrefix = name, Database = "bench", ContextHeaders = contextHeaders };
        // The registry is asked once for a table, so it may be anywhere: here it is in this process.
        DebeziumFormatter formatter = avro ? new DebeziumAvroFormatter(form, new Debezium.OneSchema(), TimeProvider.System) : new DebeziumJsonFormatter(form, TimeProvider.System);
        var source = PostgresSource.Changes(["public.bench"], new PostgresOptions { Connection = connection, Name = name, InitialLoad = initialLoad });
        _pipeline.Stream(source).To(Connectors.Kafka.Kafka.Stream(formatter, new KafkaOptions { BootstrapServers = bootstrapServers, Partitions = 3 }, "bench", [$"{name}.public.bench"]));
        _running = _pipeline.RunAsync(stop: _stop.Token);
    }

    public PipelineStatus Status => _pipeline.Status;

    public async Task StreamingAsync() => await await Task.WhenAny(_pipeline.Status.Streaming, _running);

    /// <summary>Waits until so many records are delivered; gives records a second from streaming on.</summary>
    public Task<double> DeliveredAsync(long records) => DeliveredAsync(Status, _running, records);

    /// <summary>The same of any pipeline.</summary>
    public static async Task<double> DeliveredAsync(PipelineStatus status, Task running, long records)
    {
        await await Task.WhenAny(status.Streaming, running);
        var since = Stopwatch.StartNew();
        while (status.RowsDelivered < records)
        {
            if (running.IsCompleted) await running;
            await Task.Delay(5);
        }

        return records / since.Elapsed.TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
