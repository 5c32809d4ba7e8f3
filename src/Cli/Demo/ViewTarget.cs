using System.Globalization;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary>The demo's file as a target: one JSON line for each change, exactly once.</summary>
/// <remarks>What is delivered is synced, and its length recorded with the marker in a following commit; a claim cuts the file back to that length, and the rest is delivered again.</remarks>
internal sealed class ViewTarget(string path) : ITarget
{
    private FileStream? _file;

    public string Name => "file";

    public string Description => path;

    public Guarantee Guarantee => Guarantee.ExactlyOnce;

    public TransactionLimits Limits { get; } = new(Rows: 100_000, Bytes: 16 << 20);

    /// <summary>A keyed table into the file at <paramref name="path"/>.</summary>
    public static KeyedSink<TKey, TRow> Sink<TKey, TRow>(string path) =>
        new(new Factory(path), new JsonKeyedFormatter<TKey, TRow>(path), $"file {Path.GetFileName(path)}") { Destinations = [path] };

    public ValueTask<Marker?> ReadMarkerAsync(DeliveredMarker? recorded, CancellationToken cancellationToken) => new(recorded?.Marker);

    public async ValueTask<Marker?> ClaimAsync(DeliveredMarker? recorded, CancellationToken cancellationToken)
    {
        var length = recorded?.Note is { } note ? long.Parse(note, CultureInfo.InvariantCulture) : 0;
        if (_file is not null) await _file.DisposeAsync();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        if (_file.Length < length)
            throw new RefusalException($"the file '{path}' lost what was written to it", $"{_file.Length} bytes", $"at least {length}", "Restore it, or begin anew with --fresh.");
        _file.SetLength(length);
        _file.Seek(0, SeekOrigin.End);
        return recorded?.Marker;
    }

    public ValueTask<DeliveredMarker> DeliverAsync(IDeliveryBatch batch, CancellationToken cancellationToken)
    {
        Check.That(_file is not null);
        using var lines = new MemoryStream();
        while (batch.TryRead(out var row))
        {
            lines.Write("{\"key\":"u8);
            lines.Write(row.Key);
            lines.Write(",\"row\":"u8);
            lines.Write(row.HasValue ? row.Value : "null"u8);
            lines.Write("}\n"u8);
        }

        if (lines.Length > 0)
        {
            _file.Write(lines.GetBuffer().AsSpan(0, (int)lines.Length));
            _file.Flush(flushToDisk: true);
        }

        return new(new DeliveredMarker(batch.Marker, _file.Length.ToString(CultureInfo.InvariantCulture)));
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;

    private sealed record Factory(string Path) : ITargetFactory
    {
        public string Name => "file";

        public ITarget Open(TargetContext context) => new ViewTarget(Path);
    }
}
