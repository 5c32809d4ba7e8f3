using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Npgsql;

namespace Pathway.Benchmarks.Cdc;

/// <summary>The yardstick of the initial load: <c>COPY … TO STDOUT</c> into Kafka transactions, with the same bytes as the product writes.</summary>
internal static class BareLoad
{
    /// <summary>Rows per second from the first COPY byte to the last commit.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="bootstrapServers">The brokers.</param>
    /// <param name="topic">Where the rows go.</param>
    /// <param name="valueBytes">How long a value is made, so that the sizes are those of the real records.</param>
    /// <param name="headers">Whether records carry headers of the same names and sizes as the product's.</param>
    public static async Task<double> RunAsync(string connection, string bootstrapServers, string topic, int valueBytes, bool headers)
    {
        var context = headers ? Context(topic) : null;
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers, TransactionalId = "bare-load-" + topic, Partitioner = Partitioner.Murmur2Random, CompressionType = CompressionType.Lz4, LingerMs = 5,
            QueueBufferingMaxMessages = 1_000_000, QueueBufferingMaxKbytes = 512 << 10,
        }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        await using var source = NpgsqlDataSource.Create(connection);
        await using var session = await source.OpenConnectionAsync();
        var since = Stopwatch.StartNew();
        long rows = 0;
        using (var copy = await session.BeginTextExportAsync("COPY bench TO STDOUT"))
        {
            producer.BeginTransaction();
            var padding = new string('x', valueBytes);
            while (await copy.ReadLineAsync() is { } line)
            {
                var key = line[..line.IndexOf('\t', StringComparison.Ordinal)];
                var message = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes("{\"id\":" + key + "}"), Value = Encoding.UTF8.GetBytes(line + padding[..Math.Max(0, valueBytes - line.Length)]), Headers = context };
                while (true)
                {
                    try
                    {
                        producer.Produce(topic, message);
                        break;
                    }
                    catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
                    {
                        producer.Poll(TimeSpan.FromMilliseconds(10));
                    }
                }

                if (++rows % 100_000 != 0) continue;
                producer.CommitTransaction();
                producer.BeginTransaction();
            }

            producer.CommitTransaction();
        }

        return rows / since.Elapsed.TotalSeconds;
    }

    private static Headers Context(string name) => new()
    {
        { "__debezium.context.connectorLogicalName", Encoding.UTF8.GetBytes(name) },
        { "__debezium.context.taskId", "0"u8.ToArray() },
        { "__debezium.context.connectorName", "postgresql"u8.ToArray() },
        { "__debezium.context.runId", Encoding.UTF8.GetBytes(Guid.NewGuid().ToString("D")) },
    };
}
