using System.Buffers.Binary;
using System.Globalization;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Writes one checkpoint: the last value of each key that changed, in ascending order, into sorted files that RocksDB takes in as one step.</summary>
/// <remarks>Order: put and delete, then <see cref="Ingest"/> once, then dispose; disposing without it deletes the files. Used by one thread, which need not be the engine's.</remarks>
public sealed unsafe class SortedFileWriter : IDisposable
{
    private readonly StateDb _db;
    private readonly string _folder;
    private readonly CommitNumber _checkpoint;
    private readonly long _fileBytes;
    private readonly List<string> _files = [];
    private readonly ByteBuffer _last = new();
    private IntPtr _writer;
    private long _written;

    internal SortedFileWriter(StateDb db, string folder, CommitNumber checkpoint, long fileBytes)
    {
        (_db, _folder, _checkpoint, _fileBytes) = (db, folder, checkpoint, fileBytes);
        Directory.CreateDirectory(folder);
        // The checkpoint's own record has the lowest key of all, so it comes first, in the files that it speaks of.
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, checkpoint.Value);
        Put(StateDb.CheckpointKey, number);
    }

    /// <summary>How many entries were put and deleted.</summary>
    public long Entries { get; private set; } = -1;    // its own record doesn't count

    /// <summary>The entry under <paramref name="key"/> is <paramref name="value"/>. Keys strictly ascend.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Next(key, value.Length);
        fixed (byte* keyAt = key, valueAt = value)
        {
            var unused = default(byte);
            StateDb.Api.rocksdb_sstfilewriter_put(_writer, keyAt, (nuint)key.Length, value.IsEmpty ? &unused : valueAt, (nuint)value.Length, out var error);
            RocksError.ThrowIf(error, _folder);
        }
    }

    /// <summary>There is no entry under <paramref name="key"/>. Keys strictly ascend.</summary>
    public void Delete(ReadOnlySpan<byte> key)
    {
        Next(key, 0);
        fixed (byte* keyAt = key)
        {
            StateDb.Api.rocksdb_sstfilewriter_delete(_writer, keyAt, (nuint)key.Length, out var error);
            RocksError.ThrowIf(error, _folder);
        }
    }

    /// <summary>Brings everything into RocksDB in one atomic, synced step: afterwards it holds the state up to the checkpoint and says so.</summary>
    public void Ingest()
    {
        FinishFile();
        _db.Ingest([.. _files], _checkpoint);
        _files.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_writer != IntPtr.Zero) StateDb.Api.rocksdb_sstfilewriter_destroy(_writer);
        _writer = IntPtr.Zero;
        foreach (var file in _files) File.Delete(file);
        _files.Clear();
        _last.Dispose();
    }

    private void Next(ReadOnlySpan<byte> key, int valueLength)
    {
        Check.That(Entries < 0 || key.SequenceCompareTo(_last.Span) > 0);
        _last.Clear();
        _last.Append(key);
        Entries++;
        if (_written >= _fileBytes) FinishFile();
        if (_writer == IntPtr.Zero) BeginFile();
        _written += key.Length + valueLength;
    }

    private void BeginFile()
    {
        var file = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_checkpoint.Value:D16}-{_files.Count:D4}.sst"));
        _files.Add(file);
        _writer = StateDb.Api.rocksdb_sstfilewriter_create(_db.Handles.Environment, _db.Handles.Options);
        StateDb.Api.rocksdb_sstfilewriter_open(_writer, file, out var error);
        RocksError.ThrowIf(error, _folder);
        _written = 0;
    }

    private void FinishFile()
    {
        StateDb.Api.rocksdb_sstfilewriter_finish(_writer, out var error);
        RocksError.ThrowIf(error, _folder);
        StateDb.Api.rocksdb_sstfilewriter_destroy(_writer);
        _writer = IntPtr.Zero;
    }
}
