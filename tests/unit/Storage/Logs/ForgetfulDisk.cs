using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage.Logs;

/// <summary>A disk in memory that loses, when the power goes, what wasn't synced: page by page, name by name, at random. It can also fail, be full, and take the process with it.</summary>
internal sealed class ForgetfulDisk : IDisk
{
    private const int PageBytes = 4096;
    private readonly Lock _guard = new();
    private Dictionary<string, Content> _names = [], _durableNames = [];
    private int _lifetime; // of the process; files opened in an earlier one are dead
    private long _stepsToDeath = long.MaxValue;

    /// <summary>Syncs fail while this is true.</summary>
    public bool SyncFails { get; set; }

    /// <summary>Writes fail while this isn't null, after half of them was written.</summary>
    public IOException? WriteFails { get; set; }

    /// <summary>Bytes that are free.</summary>
    public long Free { get; set; } = long.MaxValue;

    /// <summary>How many changes (writes, syncs, names) were made.</summary>
    public long Steps { get; private set; }

    /// <summary>How many files were synced.</summary>
    public int FileSyncs { get; private set; }

    /// <summary>The error of a full disk.</summary>
    public static IOException NoSpace => new("No space left on device", 28);

    /// <summary>The error of a broken disk.</summary>
    public static IOException Broken => new("Input/output error", 5);

    /// <summary>The process dies at the <paramref name="steps"/>-th change from now: <see cref="DiedException"/>, then and at everything after, until <see cref="Revive"/>.</summary>
    public void DieAfter(long steps) => _stepsToDeath = steps;

    /// <summary>A new process: what the page cache holds is still there.</summary>
    public void Revive() => (_stepsToDeath, _lifetime, SyncFails, WriteFails) = (long.MaxValue, _lifetime + 1, false, null);

    /// <summary>What wasn't synced is kept or lost, each page and each name for itself.</summary>
    public void LosePower(Random random)
    {
        var names = new Dictionary<string, Content>(_durableNames);
        foreach (var path in _names.Keys.Union(_durableNames.Keys))
        {
            if (random.Next(2) == 0) continue;
            if (_names.TryGetValue(path, out var content)) names[path] = content;
            else names.Remove(path);
        }

        foreach (var content in names.Values.Distinct()) content.LosePower(random);
        _names = names;
        _durableNames = new(names);
        Revive();
    }

    public void MakeFolder(string folder)
    {
    }

    public IReadOnlyList<string> List(string folder)
    {
        lock (_guard) return [.. _names.Keys.Where(p => Path.GetDirectoryName(p) == folder).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)];
    }

    public IDiskFile Create(string path)
    {
        lock (_guard)
        {
            Step();
            return new Handle(this, _names[path] = new Content());
        }
    }

    public IDiskFile Open(string path)
    {
        lock (_guard) return new Handle(this, _names.TryGetValue(path, out var content) ? content : throw new FileNotFoundException(path));
    }

    public void Delete(string path)
    {
        lock (_guard)
        {
            Step();
            _names.Remove(path);
        }
    }

    public void Rename(string from, string to)
    {
        lock (_guard)
        {
            Step();
            _names[to] = _names[from];
            _names.Remove(from);
        }
    }

    public void SyncFolder(string folder)
    {
        lock (_guard)
        {
            Step();
            if (SyncFails) throw Broken;
            _durableNames = new(_names);
        }
    }

    public long FreeBytes(string folder) => Free;

    /// <summary>The bytes of a file as they are now.</summary>
    public byte[] this[string path]
    {
        get => _names[path].ToArray();
        set => _names[path].Replace(value);
    }

    private bool IsDeadAfter()
    {
        Steps++;
        if (_stepsToDeath == long.MaxValue) return false;
        return --_stepsToDeath < 0;
    }

    private void Step()
    {
        if (IsDeadAfter()) throw new DiedException();
    }

    /// <summary>The process was killed.</summary>
    public sealed class DiedException : Exception;

    private sealed class Content
    {
        private byte[] _durable = [];
        private byte[] _bytes = [];
        private readonly HashSet<long> _dirty = [];

        public long Length { get; private set; }

        public byte[] ToArray() => _bytes[..(int)Length];

        public void Replace(byte[] bytes) => (_bytes, Length) = (bytes, bytes.Length);

        public int Read(long offset, Span<byte> buffer)
        {
            var count = (int)Math.Max(0, Math.Min(buffer.Length, Length - offset));
            _bytes.AsSpan((int)Math.Min(offset, Length), count).CopyTo(buffer);
            return count;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            if (_bytes.Length < offset + bytes.Length) Array.Resize(ref _bytes, (int)Math.Max(offset + bytes.Length, 2 * _bytes.Length));
            if (offset > Length) _bytes.AsSpan((int)Length, (int)(offset - Length)).Clear();
            bytes.CopyTo(_bytes.AsSpan((int)offset));
            Length = Math.Max(Length, offset + bytes.Length);
            for (var page = offset / PageBytes; page * PageBytes < offset + bytes.Length; page++) _dirty.Add(page);
        }

        public void Truncate(long length) => Length = length;

        public void Sync()
        {
            _durable = ToArray();
            _dirty.Clear();
        }

        public void LosePower(Random random)
        {
            var kept = _dirty.Where(page => page * PageBytes < Length && random.Next(2) == 0).ToList();
            var length = kept.Select(page => Math.Min(Length, (page + 1) * PageBytes)).Append(_durable.Length).Max();
            var bytes = new byte[length];
            _durable.CopyTo(bytes, 0);
            foreach (var page in kept) _bytes.AsSpan((int)(page * PageBytes), (int)Math.Min(PageBytes, Length - page * PageBytes)).CopyTo(bytes.AsSpan((int)(page * PageBytes)));
            Replace(bytes);
            Sync();
        }
    }

    private sealed class Handle(ForgetfulDisk disk, Content content) : IDiskFile
    {
        private readonly int _lifetime = disk._lifetime;

        public long Length
        {
            get
            {
                lock (disk._guard) return content.Length;
            }
        }

        public int Read(long offset, Span<byte> buffer)
        {
            lock (disk._guard) return content.Read(offset, buffer);
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            lock (disk._guard)
            {
                Assert.Equal(disk._lifetime, _lifetime);
                var dies = disk.IsDeadAfter();
                if (dies || disk.WriteFails is not null) content.Write(offset, bytes[..(bytes.Length / 2)]);
                if (dies) throw new DiedException();
                if (disk.WriteFails is { } error) throw error;
                content.Write(offset, bytes);
            }
        }

        public void Truncate(long length)
        {
            lock (disk._guard)
            {
                disk.Step();
                content.Truncate(length);
            }
        }

        public void Sync()
        {
            lock (disk._guard)
            {
                disk.Step();
                if (disk.SyncFails) throw Broken;
                content.Sync();
                disk.FileSyncs++;
            }
        }

        public void Dispose()
        {
        }
    }
}
