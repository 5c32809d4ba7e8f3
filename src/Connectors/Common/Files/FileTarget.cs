using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Equal folders and names make equal factories.</summary>
internal sealed record FileTargetFactory(string Folder, string Name) : ITargetFactory
{
    public ITarget Open(TargetContext context) => new FileTarget(Folder, Name, context.Pipeline, context.Destinations);
}

/// <summary>A folder of files of lines. Output is appended and synced; how long the files are then stands in the log, and a claim takes back what lies behind.</summary>
/// <remarks>Invariant: between calls each file is as long as <see cref="_lengths"/> says, unless the last delivery threw.</remarks>
internal sealed class FileTarget : ITarget
{
    private readonly string _folder;
    private readonly FileOwner _owner;
    private readonly IReadOnlyList<string> _destinations;
    private readonly Dictionary<string, LineFile> _files = new(StringComparer.Ordinal);
    private FileLengths _lengths = FileLengths.None;

    public FileTarget(string folder, string name, PipelineId pipeline, IReadOnlyList<string> destinations)
    {
        (_folder, Name, _destinations) = (folder, name, destinations);
        _owner = new FileOwner(folder, name, pipeline);
    }

    public string Name { get; }

    public string Description => _destinations is [var only] ? $"file {Path.Combine(_folder, only)}" : $"files in {_folder}";

    public Guarantee Guarantee => Guarantee.ExactlyOnce;

    public TransactionLimits Limits { get; } = new();

    public ValueTask<Marker?> ReadMarkerAsync(DeliveredMarker? recorded, CancellationToken cancellationToken) => ValueTask.FromResult(recorded?.Marker);

    public ValueTask<Marker?> ClaimAsync(DeliveredMarker? recorded, CancellationToken cancellationToken)
    {
        Close();
        return new(Task.Run(() => DiskFaults.Tell(() => Claim(recorded), $"Taking over the files in {_folder}"), cancellationToken));
    }

    public ValueTask<DeliveredMarker> DeliverAsync(IDeliveryBatch batch, CancellationToken cancellationToken) =>
        new(Task.Run(() => DiskFaults.Tell(() => Deliver(batch, cancellationToken), $"Writing to files in {_folder}"), cancellationToken));

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private Marker? Claim(DeliveredMarker? recorded)
    {
        Directory.CreateDirectory(_folder);
        _owner.Load();
        _lengths = FileLengths.Parse(recorded?.Note);
        FailPoint.Hit(FailPoints.ClaimAfterFence);
        foreach (var name in _destinations.Union(_lengths.Files)) Open(name);
        FailPoint.Hit(FailPoints.ClaimAfterMarkerRead);
        return recorded?.Marker;
    }

    private DeliveredMarker Deliver(IDeliveryBatch batch, CancellationToken cancellationToken)
    {
        var (rows, touched, lengths) = (0L, new HashSet<LineFile>(), _lengths);
        LineFile? last = null;
        while (batch.TryRead(out var row))
        {
            if (last is null || row.Destination != last.Name) touched.Add(last = Open(row.Destination));
            last.Append(row);
            if (rows++ == 0) FailPoint.Hit(FailPoints.DeliverMidway);
            if ((rows & 0xFFF) == 0) cancellationToken.ThrowIfCancellationRequested();
        }

        FailPoint.Hit(FailPoints.DeliverBeforeMarker);
        var marker = batch.Marker;
        foreach (var file in touched) file.Flush();
        FailPoint.Hit(FailPoints.DeliverBeforeCommit);
        foreach (var file in touched)
        {
            file.Sync();
            lengths = lengths.With(file.Name, file.Length);
        }

        FailPoint.Hit(FailPoints.DeliverAfterCommit);
        _lengths = lengths;
        return new DeliveredMarker(marker, lengths.ToNote());
    }

    /// <summary>The file, cut back to what was delivered for certain when it is met first.</summary>
    private LineFile Open(string name)
    {
        if (_files.TryGetValue(name, out var file)) return file;
        if (name.Length == 0 || name != Path.GetFileName(name)) throw new ConfigurationException($"'{name}' can't be the name of a file in {_folder}.");
        file = new LineFile(_folder, name);
        _files.Add(name, file);
        CheckLength(file, _lengths[name]);
        _owner.Add(name);
        file.CutTo(_lengths[name]);
        return file;
    }

    private void CheckLength(LineFile file, long delivered)
    {
        if (file.Length < delivered)
        {
            throw new RefusalException(
                $"the file {file.Path} lost output that was delivered", $"{file.Length} bytes", $"at least {delivered} bytes", "Put the file back, or begin anew with an empty state directory and no file.");
        }

        if (delivered == 0 && file.Length > 0 && !_owner.Owns(file.Name))
        {
            throw new RefusalException(
                $"the file {file.Path} isn't empty, and this pipeline has nothing on record of it", $"{file.Length} bytes", "no file, or an empty one", "Move it away, or write to another path.");
        }
    }

    private void Close()
    {
        foreach (var file in _files.Values) file.Dispose();
        _files.Clear();
    }
}
