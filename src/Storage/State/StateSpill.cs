using Pathway.Core;

namespace Pathway.Storage;

/// <summary>What the open commit changed in the state and memory can't hold: sorted files of its own, in front of RocksDB, that only this process reads.</summary>
/// <remarks>
/// The log holds the same changes, and alone decides whether they count; so nothing of a spill outlives its process. It is there until a checkpoint holds its commit. What it says of a key hides what RocksDB has:
/// behind each value stands a byte that tells a value from a deletion. Read by the threads of all workers.
/// </remarks>
public sealed class StateSpill : IDisposable
{
    private const byte Gone = 0, Value = 1;
    private readonly string _folder;
    private readonly StateDb _files;

    private StateSpill(string folder, StateDb files, CommitNumber commit) => (_folder, _files, Commit) = (folder, files, commit);

    /// <summary>The commit that is to hold what lies here.</summary>
    public CommitNumber Commit { get; }

    /// <summary>Begins one in <paramref name="folder"/>, whatever is there, with the memory for blocks that <paramref name="durable"/> has.</summary>
    internal static StateSpill Begin(StateDb durable, string folder, CommitNumber commit)
    {
        // Else a miss that reads an older value than the last one that was committed.
        Check.That(durable.Checkpoint.Next() == commit);
        Clear(folder);
        return new StateSpill(folder, durable.OpenBeside(folder), commit);
    }

    /// <summary>Deletes what a process that ended left in <paramref name="folder"/>.</summary>
    public static void Clear(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Begins to take in changes.</summary>
    public Writer Write() => new(_files.BeginCheckpoint(Commit));

    /// <inheritdoc/>
    public void Dispose()
    {
        _files.Dispose();
        Clear(_folder);
    }

    /// <summary>Whether it says something of <paramref name="key"/>: that there is nothing (<paramref name="length"/> -1), or its value, copied into <paramref name="buffer"/>.</summary>
    internal bool TryGet(ReadOnlySpan<byte> key, ref byte[] buffer, out int length)
    {
        if (!_files.TryGet(key, ref buffer, out length)) return false;
        length = buffer[length - 1] == Gone ? -1 : length - 1;
        return true;
    }

    /// <summary>The entries of RocksDB in <paramref name="range"/>, which are <paramref name="below"/>, as they are with what lies here, in the order of the keys.</summary>
    internal IEnumerable<(byte[] Key, byte[] Value)> Over(IEnumerable<(byte[] Key, byte[] Value)> below, KeyRange range)
    {
        using var lower = below.GetEnumerator();
        var hasLower = lower.MoveNext();
        foreach (var (key, value) in _files.Entries(range))
        {
            for (; hasLower && lower.Current.Key.AsSpan().SequenceCompareTo(key) is var order and <= 0; hasLower = lower.MoveNext())
                if (order < 0) yield return lower.Current;
            if (value[^1] == Value) yield return (key, value[..^1]);
        }

        for (; hasLower; hasLower = lower.MoveNext()) yield return lower.Current;
    }

    /// <summary>Takes in the changes of one save, in one step.</summary>
    /// <remarks>Order: put and delete, then <see cref="End"/> once, then dispose.</remarks>
    public sealed class Writer : IDisposable
    {
        private readonly SortedFileWriter _files;
        private readonly ByteBuffer _value = new();

        internal Writer(SortedFileWriter files) => _files = files;

        /// <summary>The entry under <paramref name="key"/> is <paramref name="value"/>. Keys strictly ascend.</summary>
        public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            _value.Clear();
            _value.Append(value);
            _value.Append(Value);
            _files.Put(key, _value.Span);
        }

        /// <summary>There is no entry under <paramref name="key"/>. Keys strictly ascend.</summary>
        public void Delete(ReadOnlySpan<byte> key) => _files.Put(key, [Gone]);

        /// <summary>From now on all of it is read.</summary>
        public void End() => _files.Ingest();

        /// <inheritdoc/>
        public void Dispose()
        {
            _files.Dispose();
            _value.Dispose();
        }
    }
}
