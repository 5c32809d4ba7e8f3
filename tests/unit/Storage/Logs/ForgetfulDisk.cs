using Pathway.Storage;

namespace Pathway.Tests.Unit.Storage.Logs;

/// <summary>A disk in memory that loses, when the power goes, what wasn't synced: page by page, name by name, at random.</summary>
internal sealed class ForgetfulDisk : IDisk
{
    private const int PageBytes = 4096;
    private Dictionary<string, Content> _names = [], _durableNames = [];

    /// <summary>The next syncs fail while this is true.</summary>
    public bool SyncFails { get; set; }

    /// <summary>Bytes that are free.</summary>
    public long Free { get; set; } = long.MaxValue;

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
    }

    public void MakeFolder(string folder)
    {
    }

    public IReadOnlyList<string> List(string folder) => [.. _names.Keys.Where(p => Path.GetDirectoryName(p) == folder).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)];

    public IDiskFile Create(string path) => new Handle(this, _names[path] = new Content());

    public IDiskFile Open(string path) => new Handle(this, _names.TryGetValue(path, out var content) ? content : throw new FileNotFoundException(path));

    public void Delete(string path) => _names.Remove(path);

    public void Rename(string from, string to)
    {
        _names[to] = _names[from];
        _names.Remove(from);
    }

    public void SyncFolder(string folder)
    {
        if (SyncFails) throw new IOException("the disk doesn't sync");
        _durableNames = new(_names);
    }

    public long FreeBytes(string folder) => Free;

    /// <summary>The bytes of a file as they are now.</summary>
    public byte[] this[string path]
    {
        get => _names[path].Bytes;
        set => _names[path].Bytes = value;
    }

    private sealed class Content
    {
        private byte[] _durable = [];
        private readonly HashSet<long> _dirty = [];

        public byte[] Bytes { get; set; } = [];

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            if (Bytes.Length < offset + bytes.Length)
            {
                var longer = new byte[offset + bytes.Length];
                Bytes.CopyTo(longer, 0);
                Bytes = longer;
            }

            bytes.CopyTo(Bytes.AsSpan((int)offset));
            for (var page = offset / PageBytes; page <= (offset + Math.Max(0, bytes.Length - 1)) / PageBytes; page++) _dirty.Add(page);
        }

        public void Sync()
        {
            _durable = (byte[])Bytes.Clone();
            _dirty.Clear();
        }

        public void LosePower(Random random)
        {
            var kept = _dirty.Where(_ => random.Next(2) == 0).ToList();
            var length = kept.Select(page => Math.Min(Bytes.Length, (page + 1) * PageBytes)).Append(_durable.Length).Max();
            var bytes = new byte[length];
            _durable.AsSpan(0, (int)Math.Min(length, _durable.Length)).CopyTo(bytes);
            foreach (var page in kept.Where(p => p * PageBytes < Bytes.Length))
                Bytes.AsSpan((int)(page * PageBytes), (int)Math.Min(PageBytes, Bytes.Length - page * PageBytes)).CopyTo(bytes.AsSpan((int)(page * PageBytes)));
            Bytes = bytes;
            Sync();
        }
    }

    private sealed class Handle(ForgetfulDisk disk, Content content) : IDiskFile
    {
        public long Length => content.Bytes.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            var count = (int)Math.Max(0, Math.Min(buffer.Length, content.Bytes.Length - offset));
            content.Bytes.AsSpan((int)Math.Min(offset, content.Bytes.Length), count).CopyTo(buffer);
            return count;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes) => content.Write(offset, bytes);

        public void Truncate(long length) => content.Bytes = content.Bytes[..(int)length];

        public void Sync()
        {
            if (disk.SyncFails) throw new IOException("the disk doesn't sync");
            content.Sync();
        }

        public void Dispose()
        {
        }
    }
}
