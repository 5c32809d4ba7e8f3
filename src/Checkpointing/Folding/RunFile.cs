using System.Buffers.Binary;
using System.IO.Hashing;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>A sorted run on disk, read from front to back, then gone.</summary>
/// <remarks>Each change stands behind its length (i32); at the end stand -1 and the XxHash3 of all changes, which is verified when they were read.</remarks>
internal sealed class RunFile : IDisposable
{
    private const int BufferBytes = 256 << 10;
    private readonly FileStream _file;
    private readonly XxHash3 _hash = new();
    private byte[] _change = new byte[4096];
    private int _length;

    private RunFile(string path, int level)
    {
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferBytes, FileOptions.DeleteOnClose | FileOptions.SequentialScan);
        Level = level;
    }

    /// <summary>How often its changes were merged on disk.</summary>
    public int Level { get; }

    /// <summary>Whether there is a current change.</summary>
    public bool HasCurrent { get; private set; }

    /// <summary>The key of the current change.</summary>
    public ReadOnlySpan<byte> Key => _change.AsSpan(4, BinaryPrimitives.ReadInt32LittleEndian(_change));

    /// <summary>The current change, as the log has it.</summary>
    public ReadOnlySpan<byte> Change => _change.AsSpan(0, _length);

    /// <summary>Opens what <paramref name="write"/> writes to <paramref name="path"/>.</summary>
    public static RunFile Write(string path, int level, Action<Writer> write)
    {
        using (var writer = new Writer(path))
        {
            write(writer);
            writer.End();
        }

        var run = new RunFile(path, level);
        run.Advance();
        return run;
    }

    /// <summary>Goes to the next change.</summary>
    /// <exception cref="RefusalException">What is read isn't what was written.</exception>
    public void Advance()
    {
        Span<byte> length = stackalloc byte[4];
        if (_file.ReadAtLeast(length, 4, throwOnEndOfStream: false) < 4) Damaged();
        _length = BinaryPrimitives.ReadInt32LittleEndian(length);
        HasCurrent = _length >= 0;
        if (!HasCurrent)
        {
            VerifyEnd();
            return;
        }

        if (_length > _file.Length) Damaged();
        if (_change.Length < _length) _change = new byte[Math.Max(_length, 2 * _change.Length)];
        if (_file.ReadAtLeast(_change.AsSpan(0, _length), _length, throwOnEndOfStream: false) < _length) Damaged();
        _hash.Append(Change);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void VerifyEnd()
    {
        Span<byte> hash = stackalloc byte[8];
        if (_file.ReadAtLeast(hash, 8, throwOnEndOfStream: false) < 8 || BinaryPrimitives.ReadUInt64LittleEndian(hash) != _hash.GetCurrentHashAsUInt64()) Damaged();
    }

    private void Damaged() => throw new RefusalException(
        $"a temporary file of a checkpoint, '{_file.Name}', is damaged", "other bytes than were written a moment ago", "the same", "Check the disk, then start again: nothing was taken over from the file, and the log still holds it all.");

    /// <summary>Writes a run.</summary>
    internal sealed class Writer(string path) : IDisposable
    {
        private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        private readonly XxHash3 _hash = new();

        /// <summary>Appends a change; keys strictly ascend.</summary>
        public void Add(ReadOnlySpan<byte> change)
        {
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, change.Length);
            _file.Write(length);
            _file.Write(change);
            _hash.Append(change);
        }

        /// <summary>Appends what verifies the rest.</summary>
        public void End()
        {
            Span<byte> end = stackalloc byte[12];
            BinaryPrimitives.WriteInt32LittleEndian(end, -1);
            BinaryPrimitives.WriteUInt64LittleEndian(end[4..], _hash.GetCurrentHashAsUInt64());
            _file.Write(end);
        }

        /// <inheritdoc/>
        public void Dispose() => _file.Dispose();
    }
}
