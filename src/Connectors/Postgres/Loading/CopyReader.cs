using System.Buffers;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Pathway.Connectors.Postgres;

/// <summary>Rows of a query by COPY, in the form of the stream's tuples.</summary>
internal static class CopyReader
{
    /// <summary>Reads the rows of a table as loaded ones: without generated columns, which the stream doesn't have before PostgreSQL 18, and only what is published of it.</summary>
    public static PgTable Published(PgTable described, FoundTable table)
    {
        if (!described.Columns.Any(c => c.IsGenerated) && (table.Columns is null || table.Columns.Count >= described.Columns.Count)) return described;
        return new PgTable
        {
            Oid = described.Oid, Schema = described.Schema, Name = described.Name, ReplicaIdentity = described.ReplicaIdentity, PrimaryKey = described.PrimaryKey, UniqueIndexes = described.UniqueIndexes,
            Columns = [.. described.Columns.Where(c => !c.IsGenerated && table.Columns?.Contains(c.Name) != false)],
        };
    }

    /// <summary>The rows, some at a time.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<TupleData>> ReadAsync(NpgsqlConnection connection, string query, [EnumeratorCancellation] CancellationToken stop)
    {
        using var export = await connection.BeginTextExportAsync(query, stop).ConfigureAwait(false);
        var bytes = ((StreamReader)export).BaseStream; // the text itself: no detour over UTF-16
        var buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
        try
        {
            for (var filled = 0; ;)
            {
                if (filled == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
                var read = await bytes.ReadAsync(buffer.AsMemory(filled), stop).ConfigureAwait(false);
                if (read == 0) break;
                filled += read;
                var last = buffer.AsSpan(0, filled).LastIndexOf((byte)'\n');
                if (last < 0) continue;
                yield return Lines(buffer.AsSpan(0, last + 1));
                buffer.AsSpan(last + 1, filled - last - 1).CopyTo(buffer);
                filled -= last + 1;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static List<TupleData> Lines(ReadOnlySpan<byte> text)
    {
        using var writer = new TupleWriter(2 * text.Length + 64);
        var begins = new List<int>();
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            begins.Add(CopyText.Append(text[..end], writer));
            text = text[(end + 1)..];
        }

        ReadOnlyMemory<byte> tuples = writer.Written.ToArray();
        var rows = new List<TupleData>(begins.Count);
        for (var i = 0; i < begins.Count; i++) rows.Add(new TupleData(tuples[begins[i]..(i + 1 < begins.Count ? begins[i + 1] : tuples.Length)]));
        return rows;
    }
}
