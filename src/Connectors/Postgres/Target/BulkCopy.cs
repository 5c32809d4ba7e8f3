using System.Buffers.Binary;
using Npgsql;

namespace Pathway.Connectors.Postgres;

/// <summary>Rows in the binary form of COPY: each value as its text, which is the binary form of type text.</summary>
internal sealed class BulkCopy
{
    private const int SendBytes = 256 << 10;
    private byte[] _bytes = new byte[SendBytes + (64 << 10)];
    private int _length;

    /// <summary>Copies the values of <paramref name="rows"/>.</summary>
    public async Task WriteAsync(NpgsqlConnection connection, string sql, RowFold fold, List<RowFold.Entry> rows, CancellationToken stop)
    {
        await using var stream = await connection.BeginRawBinaryCopyAsync(sql, stop).ConfigureAwait(false);
        _length = 0;
        WriteHeader();
        foreach (var row in rows)
        {
            WriteRow(fold.Tuple(row.Value));
            if (_length < SendBytes) continue;
            await stream.WriteAsync(_bytes.AsMemory(0, _length), stop).ConfigureAwait(false);
            _length = 0;
        }

        BinaryPrimitives.WriteInt16BigEndian(Reserve(2), -1);
        await stream.WriteAsync(_bytes.AsMemory(0, _length), stop).ConfigureAwait(false);
    }

    private void WriteHeader()
    {
        ReadOnlySpan<byte> signature = [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];
        signature.CopyTo(Reserve(signature.Length));
    }

    private void WriteRow(in TupleData row)
    {
        BinaryPrimitives.WriteInt16BigEndian(Reserve(2), (short)row.Count);
        foreach (var value in row)
        {
            var isText = value.Kind == TupleData.ValueKind.Text;
            BinaryPrimitives.WriteInt32BigEndian(Reserve(4), isText ? value.Bytes.Length : -1);
            if (isText) value.Bytes.CopyTo(Reserve(value.Bytes.Length));
        }
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - _length < count) Array.Resize(ref _bytes, checked(Math.Max(_bytes.Length * 2, _length + count)));
        var room = _bytes.AsSpan(_length, count);
        _length += count;
        return room;
    }
}
