using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pathway.Core;
using RocksDbSharp;

namespace Pathway.Storage;

/// <summary>Sees one entry of a scan; the spans live until it returns. False ends the scan.</summary>
public delegate bool ScanCallback(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

/// <summary>RocksDB as the house uses it: no log and no memtable of its own, only sorted files go in, a whole checkpoint in one atomic step.</summary>
/// <remarks>
/// Holds exactly the state up to <see cref="Checkpoint"/>, which is an entry in the same files (operator 0). Reading is safe for many threads, also while a checkpoint is ingested. Every read verifies
/// checksums; damage is refused by the read that meets it.
/// </remarks>
public sealed unsafe class StateDb : IDisposable
{
    private const string Incoming = "incoming";

    private readonly string _folder;
    private readonly StateDbOptions _options;
    private readonly RocksHandles _handles;
    private ulong _checkpoint;

    private StateDb(string folder, StateDbOptions options, RocksHandles handles)
    {
        (_folder, _options, _handles) = (folder, options, handles);
        _checkpoint = ReadCheckpoint();
    }

    /// <summary>The commit up to which it holds the state; none when it is empty.</summary>
    public CommitNumber Checkpoint => new(Volatile.Read(ref _checkpoint));

    /// <summary>Bytes of all sorted files.</summary>
    public long SizeBytes => Number("rocksdb.total-sst-files-size");

    /// <summary>How many files lie in level 0, one above the other: many make reads slow, and ask for patience with the next checkpoint.</summary>
    public int LevelZeroFiles => (int)Number("rocksdb.num-files-at-level0");

    internal static Native Api => Native.Instance;

    internal IntPtr Handle => _handles.Db;

    internal RocksHandles Handles => _handles;

    internal static ReadOnlySpan<byte> CheckpointKey => [0, 0, 0, 0, (byte)'c', (byte)'h', (byte)'e', (byte)'c', (byte)'k', (byte)'p', (byte)'o', (byte)'i', (byte)'n', (byte)'t'];

    /// <summary>Opens the database in <paramref name="folder"/>; makes an empty one where there is none. Sorted files that a crash left before their ingestion are deleted.</summary>
    /// <exception cref="RefusalException">A file is missing, truncated or damaged.</exception>
    public static StateDb Open(string folder, StateDbOptions? options = null)
    {
        options ??= new StateDbOptions();
        Directory.CreateDirectory(folder);
        if (Directory.Exists(Path.Combine(folder, Incoming))) Directory.Delete(Path.Combine(folder, Incoming), recursive: true);
        // RocksDB would begin anew here, and delete what it doesn't know.
        if (!File.Exists(Path.Combine(folder, "CURRENT")) && Directory.EnumerateFiles(folder, "*.sst").FirstOrDefault() is { } orphan)
            throw RocksError.Refusal(folder, $"{Path.GetFileName(orphan)}, but no file CURRENT that says which files belong to the state");
        var handles = RocksHandles.Open(folder, options);
        try
        {
            return new StateDb(folder, options, handles);
        }
        catch
        {
            handles.Dispose();
            throw;
        }
    }

    /// <summary>Opens the database in <paramref name="folder"/> without changing anything; null where there is none.</summary>
    /// <exception cref="RefusalException">A file is missing, truncated or damaged.</exception>
    public static StateDb? OpenReadOnly(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "CURRENT"))) return null;
        var options = new StateDbOptions();
        var handles = RocksHandles.Open(folder, options, readOnly: true);
        try
        {
            return new StateDb(folder, options, handles);
        }
        catch
        {
            handles.Dispose();
            throw;
        }
    }

    /// <summary>Opens another database in <paramref name="folder"/>, whose blocks lie in the same cache as this one's; to be closed before this one.</summary>
    public StateDb OpenBeside(string folder)
    {
        Directory.CreateDirectory(folder);
        var handles = RocksHandles.Open(folder, _options, cacheOf: _handles);
        try
        {
            return new StateDb(folder, _options, handles);
        }
        catch
        {
            handles.Dispose();
            throw;
        }
    }

    /// <summary>The value under <paramref name="key"/>, copied into <paramref name="buffer"/>, which grows where it is too small.</summary>
    /// <exception cref="RefusalException">The block that holds it is damaged.</exception>
    public bool TryGet(ReadOnlySpan<byte> key, ref byte[] buffer, out int length)
    {
        ObjectDisposedException.ThrowIf(_handles.IsClosed, this);
        fixed (byte* keyAt = key)
        {
            var slice = Api.rocksdb_get_pinned(_handles.Db, _handles.Reads, keyAt, (nuint)key.Length, out var error);
            RocksError.ThrowIf(error, _folder);
            length = 0;
            if (slice == IntPtr.Zero) return false;
            var at = (byte*)Api.rocksdb_pinnableslice_value(slice, out var size);
            length = checked((int)size);
            if (buffer.Length < length) buffer = new byte[Math.Max(length, 2 * buffer.Length)];
            new ReadOnlySpan<byte>(at, length).CopyTo(buffer);
            Api.rocksdb_pinnableslice_destroy(slice);
            return true;
        }
    }

    /// <summary>Reads what stands under the keys of <paramref name="batch"/>, all at once.</summary>
    /// <exception cref="RefusalException">A block that holds one is damaged.</exception>
    internal void Read(KeyBatch batch)
    {
        ObjectDisposedException.ThrowIf(_handles.IsClosed, this);
        batch.Read(_handles, _folder);
    }

    /// <summary>Shows every entry whose key begins with <paramref name="prefix"/>, in the order of the keys.</summary>
    /// <exception cref="RefusalException">A block on the way is damaged.</exception>
    public void Scan(ReadOnlySpan<byte> prefix, ScanCallback each) => ScanFrom(prefix, prefix, null, each);

    /// <summary>About how many bytes of the files the state <paramref name="id"/> takes.</summary>
    public long BytesOf(OperatorId id) => ApproximateBytes(KeyRange.Of(id, ShardRange.All));

    /// <summary>Begins the checkpoint that folds everything up to <paramref name="checkpoint"/>. One at a time.</summary>
    public SortedFileWriter BeginCheckpoint(CommitNumber checkpoint)
    {
        Check.That(checkpoint >= Checkpoint); // equal: states that are made anew come beside those of the checkpoint
        return new SortedFileWriter(this, Path.Combine(_folder, Incoming), checkpoint, _options.FileBytes);
    }

    /// <summary>Deletes all states but those with the numbers <paramref name="kept"/>.</summary>
    /// <param name="kept">Their numbers.</param>
    /// <param name="end">A number behind all that were ever given.</param>
    public void KeepOnly(IEnumerable<uint> kept, uint end)
    {
        if (Checkpoint == CommitNumber.None) return;
        var numbers = kept.ToHashSet();
        using var writer = BeginCheckpoint(Checkpoint);
        for (uint number = 1; number < end; number++)
        {
            if (numbers.Contains(number)) continue;
            Scan(StateKey.Prefix(new OperatorId(number)), (key, _) =>
            {
                writer.Delete(key);
                return true;
            });
        }

        if (writer.Entries > 0) writer.Ingest();
    }

    /// <summary>Reads every block of every file.</summary>
    /// <exception cref="RefusalException">A block is damaged; the message names the file.</exception>
    public void VerifyAllBlocks()
    {
        ObjectDisposedException.ThrowIf(_handles.IsClosed, this);
        Api.rocksdb_verify_checksum(_handles.Db, out var error);
        RocksError.ThrowIf(error, _folder);
    }

    /// <summary>Makes a copy of the database in <paramref name="folder"/>, which must not be there yet: second names of its sorted files (hard links), so it takes no time and no room.</summary>
    public void LinkTo(string folder)
    {
        ObjectDisposedException.ThrowIf(_handles.IsClosed, this);
        var checkpoint = Api.rocksdb_checkpoint_object_create(_handles.Db, out var error);
        RocksError.ThrowIf(error, _folder);
        Api.rocksdb_checkpoint_create(checkpoint, folder, log_size_for_flush: 0, out error);
        Api.rocksdb_checkpoint_object_destroy(checkpoint);
        RocksError.ThrowIf(error, folder);
    }

    /// <inheritdoc/>
    public void Dispose() => _handles.Dispose();

    /// <summary>Shows every entry in <paramref name="range"/>, in the order of the keys.</summary>
    internal void Scan(KeyRange range, ScanCallback each) => ScanFrom(range.From, range.Prefix, range.End, each);

    /// <summary>About how many bytes of the files hold entries in <paramref name="range"/>.</summary>
    internal long ApproximateBytes(KeyRange range)
    {
        var end = range.End ?? Successor(range.Prefix);
        fixed (byte* startAt = range.From, endAt = end)
        {
            var (start, startLength, limit, limitLength) = ((IntPtr)startAt, (nuint)range.From.Length, (IntPtr)endAt, (nuint)end.Length);
            ulong bytes = 0;
            Api.rocksdb_approximate_sizes(_handles.Db, 1, (IntPtr)(&start), (IntPtr)(&startLength), (IntPtr)(&limit), (IntPtr)(&limitLength), (IntPtr)(&bytes), out var error);
            RocksError.ThrowIf(error, _folder);
            return (long)bytes;
        }
    }

    /// <summary>Every entry in <paramref name="range"/>, copied, in the order of the keys; read some hundreds at a time.</summary>
    internal IEnumerable<(byte[] Key, byte[] Value)> Entries(KeyRange range)
    {
        const int Page = 256;
        var from = range.From;
        var page = new List<(byte[] Key, byte[] Value)>(Page);
        do
        {
            page.Clear();
            ScanFrom(from, range.Prefix, range.End, (key, value) =>
            {
                page.Add((key.ToArray(), value.ToArray()));
                return page.Count < Page;
            });
            foreach (var entry in page) yield return entry;
            if (page.Count > 0) from = [.. page[^1].Key, 0];    // the next key there can be
        }
        while (page.Count == Page);
    }

    /// <summary>Takes sorted files in, all in one step.</summary>
    internal void Ingest(string[] files, CommitNumber checkpoint)
    {
        ObjectDisposedException.ThrowIf(_handles.IsClosed, this);
        var options = Api.rocksdb_ingestexternalfileoptions_create();
        Api.rocksdb_ingestexternalfileoptions_set_move_files(options, 1);
        Api.rocksdb_ingest_external_file(_handles.Db, files, (nuint)files.Length, options, out var error);
        Api.rocksdb_ingestexternalfileoptions_destroy(options);
        RocksError.ThrowIf(error, _folder);
        Volatile.Write(ref _checkpoint, checkpoint.Value);
    }

    private void ScanFrom(ReadOnlySpan<byte> from, ReadOnlySpan<byte> prefix, byte[]? end, ScanCallback each)
    {
        ObjectDisposedException.ThrowIf(_handles.IsClosed, this);
        var iterator = Api.rocksdb_create_iterator(_handles.Db, _handles.Reads);
        try
        {
            fixed (byte* at = from) Api.rocksdb_iter_seek(iterator, at, (nuint)from.Length);
            while (Api.rocksdb_iter_valid(iterator) != 0)
            {
                var keyAt = (byte*)Api.rocksdb_iter_key(iterator, out var keyLength);
                var key = new ReadOnlySpan<byte>(keyAt, (int)keyLength);
                if (!key.StartsWith(prefix) || (end is not null && key.SequenceCompareTo(end) >= 0)) break;
                var valueAt = (byte*)Api.rocksdb_iter_value(iterator, out var valueLength);
                if (!each(key, new ReadOnlySpan<byte>(valueAt, (int)valueLength))) return;
                Api.rocksdb_iter_next(iterator);
            }

            Api.rocksdb_iter_get_error(iterator, out var error);
            RocksError.ThrowIf(error, _folder);
        }
        finally
        {
            Api.rocksdb_iter_destroy(iterator);
        }
    }

    private ulong ReadCheckpoint()
    {
        var buffer = new byte[8];
        if (TryGet(CheckpointKey, ref buffer, out var length))
            return length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(buffer) : throw RocksError.Refusal(_folder, $"a checkpoint record of {length} bytes");
        var isEmpty = true;
        Scan([], (_, _) => isEmpty = false);
        return isEmpty ? 0UL : throw RocksError.Refusal(_folder, "entries without the record of their checkpoint");
    }

    private long Number(string property)
    {
        ObjectDisposedException.ThrowIf(_handles.IsClosed, this);
        var text = Api.rocksdb_property_value_string(_handles.Db, property);
        return long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private static byte[] Successor(ReadOnlySpan<byte> prefix)
    {
        var next = prefix.ToArray();
        for (var i = next.Length - 1; i >= 0; i--)
            if (++next[i] != 0) return next;
        return [.. prefix, (byte)0xFF, (byte)0xFF, (byte)0xFF, (byte)0xFF];
    }
}
