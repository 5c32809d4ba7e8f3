using System.Buffers.Binary;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>A sorted run on disk, read from front to back.</summary>
internal sealed class RunFile : IDisposable
{
    private readonly FileStream _file;
    private byte[] _change = new byte[4096];
    private int _length;

    private RunFile(string path) => _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, 1 << 20, FileOptions.DeleteOnClose | FileOptions.SequentialScan);

    /// <summary>Whether there is a current change.</summary>
    public bool HasCurrent { get; private set; }

    /// <summary>The key of the current change.</summary>
    public ReadOnlySpan<byte> Key => _change.AsSpan(4, BinaryPrimitives.ReadInt32LittleEndian(_change));

    /// <summary>The current change, as the log has it.</summary>
    public ReadOnlySpan<byte> Change => _change.AsSpan(0, _length);

    /// <summary>Writes a sorted run to <paramref name="path"/>.</summary>
    public static RunFile Write(string path, FoldRun run)
    {
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
        {
            Span<byte> length = stackalloc byte[4];
            for (var i = 0; i < run.Count; i++)
            {
                var change = run.Change(i);
                BinaryPrimitives.WriteInt32LittleEndian(length, change.Length);
                file.Write(length);
                file.Write(change);
            }
        }

        var read = new RunFile(path);
        read.Advance();
        return read;
    }

    /// <summary>Goes to the next change.</summary>
    public void Advance()
    {
        Span<byte> length = stackalloc byte[4];
        HasCurrent = _file.ReadAtLeast(length, 4, throwOnEndOfStream: false) == 4;
        if (!HasCurrent) return;
        _length = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (_change.Length < _length) _change = new byte[Math.Max(_length, 2 * _change.Length)];
        _file.ReadExactly(_change.AsSpan(0, _length));
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
