using System.Buffers;
using System.Buffers.Binary;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Subscriptions;

/// <summary>Changes as the log keeps them for a function: key weight and epoch, value the row.</summary>
internal sealed class SubscriptionFormatter<TRow> : IChangeFormatter<TRow>
{
    private readonly ByteBuffer _scratch = new();

    public void Format(in TRow row, long weight, Epoch time, OutputBuffer output)
    {
        Span<byte> head = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(head, weight);
        BinaryPrimitives.WriteUInt64LittleEndian(head[8..], time.Value);
        _scratch.Clear();
        RowCodec<TRow>.Default.Write(in row, _scratch);
        output.Add("", head, _scratch.Span);
    }

    public static Change<TRow> Read(in OutputRow row) => new(
        RowCodec<TRow>.Default.Read(row.Value.ToArray()), BinaryPrimitives.ReadInt64LittleEndian(row.Key), new Epoch(BinaryPrimitives.ReadUInt64LittleEndian(row.Key[8..])));
}

/// <summary>Changes of a keyed table as the log keeps them for a function.</summary>
internal sealed class KeyedSubscriptionFormatter<TKey, TRow> : IKeyedFormatter<TKey, TRow>
    where TKey : notnull
{
    private readonly ByteBuffer _key = new(), _row = new();

    public void Upsert(in TKey key, in TRow row, OutputBuffer output)
    {
        _key.Clear();
        _row.Clear();
        RowCodec<TKey>.Default.Write(in key, _key);
        RowCodec<TRow>.Default.Write(in row, _row);
        output.Add("", _key.Span, _row.Span);
    }

    public void Delete(in TKey key, OutputBuffer output)
    {
        _key.Clear();
        RowCodec<TKey>.Default.Write(in key, _key);
        output.Add("", _key.Span, [], hasValue: false);
    }

    public static KeyedChange<TKey, TRow> Read(in OutputRow row) =>
        new(RowCodec<TKey>.Default.Read(row.Key.ToArray()), row.HasValue, row.HasValue ? RowCodec<TRow>.Default.Read(row.Value.ToArray()) : default);
}
