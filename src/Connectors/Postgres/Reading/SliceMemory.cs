using System.Buffers;

namespace Pathway.Connectors.Postgres;

/// <summary>The memory that the changes of a slice point into: arrays from a pool, given back when the slice is disposed.</summary>
internal sealed class SliceMemory : IDisposable
{
    private const int BlockBytes = 128 << 10;
    private readonly List<byte[]> _blocks = [];
    private int _used;

    /// <summary>Bytes handed out.</summary>
    public long Bytes { get; private set; }

    /// <summary>Room for <paramref name="length"/> bytes that stays where it is.</summary>
    public Memory<byte> Take(int length)
    {
        if (_blocks.Count == 0 || _blocks[^1].Length - _used < length)
        {
            _blocks.Add(ArrayPool<byte>.Shared.Rent(Math.Max(length, BlockBytes)));
            _used = 0;
        }

        var memory = _blocks[^1].AsMemory(_used, length);
        _used += length;
        Bytes += length;
        return memory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var block in _blocks) ArrayPool<byte>.Shared.Return(block);
        _blocks.Clear();
    }
}
