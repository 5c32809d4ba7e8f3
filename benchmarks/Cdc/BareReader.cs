using System.Buffers;
using System.Diagnostics;
using Npgsql.Replication;
using Npgsql.Replication.Internal;
using Npgsql.Replication.PgOutput;
using NpgsqlTypes;

namespace Pathway.Benchmarks.Cdc;

/// <summary>The yardstick of the stream: Npgsql's raw replication stream, read and thrown away.</summary>
internal static class BareReader
{
    /// <summary>Reads <paramref name="slot"/> from its confirmed position until <paramref name="rows"/> inserts were seen; rows per second from the first message on.</summary>
    public static async Task<double> RunAsync(string connection, string slot, string publication, long rows)
    {
        await using var replication = new LogicalReplicationConnection(connection);
        await replication.Open();
        var options = new Dictionary<string, string?> { ["proto_version"] = "1", ["publication_names"] = $"\"{publication}\"" };
        using var stop = new CancellationTokenSource();
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        long seen = 0;
        Stopwatch? since = null;
        try
        {
            await foreach (var message in replication.StartLogicalReplication(new PgOutputReplicationSlot(slot), stop.Token, null, options))
            {
                since ??= Stopwatch.StartNew();
                var length = (int)message.Data.Length;
                await message.Data.ReadExactlyAsync(buffer.AsMemory(0, length));
                if (buffer[0] == (byte)'I' && ++seen == rows) break;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return rows / since!.Elapsed.TotalSeconds;
    }
}
