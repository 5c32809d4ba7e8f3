using System.IO.Enumeration;
using Microsoft.Extensions.Logging;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Takes the files of a folder in, one after the other in the order of their names, and again whenever one comes, changes or goes. A file's change is one transaction.</summary>
internal sealed partial class FolderReader(FolderOrigin origin, IFolderInput[] inputs) : ISourceReader
{
    private const int SliceRows = 1000, RowBytes = 256;
    private readonly Dictionary<string, (long Length, long Modified)> _seen = new(StringComparer.Ordinal);
    private FolderPosition _position = FolderPosition.None;
    private IRowBuffer[] _buffers = [];

    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        if (!Directory.Exists(origin.Folder)) throw new ConfigurationException($"The folder {origin.Folder} doesn't exist (looked for at {Path.GetFullPath(origin.Folder)}).");
        if (context.Resume is { } resume) _position = FolderPosition.Parse(resume);
        var errors = new RecordErrors(origin.Reading.BadLines, context.Logger);
        _buffers = NewBuffers();
        context.Streaming();
        while (!stop.IsCancellationRequested)
        {
            var waits = await LookAsync(context, errors, stop).ConfigureAwait(false);
            if (!waits && !origin.Reading.Follow) return;
            await Task.Delay(origin.Reading.LookEvery, context.Time, stop).ConfigureAwait(false);
        }
    }

    public void Acknowledge(Position position)
    {
        // A file forgets nothing.
    }

    public string Describe(Position position) => $"{FolderPosition.Parse(position).Files.Count} files";

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Takes in what has changed; true if some file is still being written.</summary>
    private async Task<bool> LookAsync(SourceContext context, RecordErrors errors, CancellationToken stop)
    {
        var (present, waits) = (DiskFaults.Tell(Present, $"Looking at the files of {origin.Folder}"), false);
        foreach (var (file, now) in present)
        {
            if (_position.Files.TryGetValue(file, out var taken) && (taken.Length, taken.Modified) == now) continue;
            if (!IsAtRest(file, now, context.Time)) waits = true;
            else if (!await TryTakeAsync(file, now, context, errors, stop).ConfigureAwait(false)) waits = true;
        }

        foreach (var (file, taken) in _position.Files)
        {
            if (present.ContainsKey(file)) continue;
            for (long line = 1; line <= taken.Lines; line++)
            {
                foreach (var (input, buffer) in inputs.Zip(_buffers)) input.Delete(new FileLine(file, line), buffer);
                if (Rows >= SliceRows) await HandOnAsync(context, ends: false, stop).ConfigureAwait(false);
            }

            _position = new(_position.Files.Remove(file));
            await HandOnAsync(context, ends: true, stop).ConfigureAwait(false);
        }

        return waits;
    }

    private async Task<bool> TryTakeAsync(string file, (long Length, long Modified) now, SourceContext context, RecordErrors errors, CancellationToken stop)
    {
        var (path, lines) = (Path.Combine(origin.Folder, file), _position.Files.GetValueOrDefault(file).Lines);
        RecordFile records;
        try
        {
            records = new RecordFile(path, origin.Quote, new FilePosition(0, 0));
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false; // it has just gone
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Unreadable(context.Logger, path, e.Message);
            return false;
        }

        using (records)
        {
            long next = 1; // the first line of which nothing was said yet
            while (TryReadOne(records, path, file, lines, ref next, errors))
                if (Rows >= SliceRows) await HandOnAsync(context, ends: false, stop).ConfigureAwait(false);
            for (; next <= lines; next++) Delete(file, next);
            _position = new(_position.Files.SetItem(file, new TakenFile(now.Length, now.Modified, records.Position.Lines)));
        }

        errors.EndOfFile();
        await HandOnAsync(context, ends: true, stop).ConfigureAwait(false);
        return true;
    }

    private bool TryReadOne(RecordFile records, string path, string file, long linesBefore, ref long next, RecordErrors errors)
    {
        if (!records.TryRead(wholeOnly: false, out var record)) return false;
        if (records.Line == 1)
        {
            record = FileReader.WithoutMark(record);
            FileReader.TakeHeader(path, record, inputs);
        }

        for (; next < records.Line; next++)
            if (next <= linesBefore) Delete(file, next);
        next = records.Line + 1;
        for (var input = 0; input < inputs.Length; input++)
        {
            var (place, had) = (new FileLine(file, records.Line), false);
            try
            {
                had = !(records.Line == 1 && inputs[input].HasHeader) && inputs[input].Put(place, record, _buffers[input]);
            }
            catch (Exception e) when (RecordErrors.IsOfRecord(e))
            {
                errors.Meet(e, path, records.Line, record);
            }

            if (!had && records.Line <= linesBefore) inputs[input].Delete(place, _buffers[input]);
        }

        return true;
    }

    private void Delete(string file, long line)
    {
        for (var input = 0; input < inputs.Length; input++) inputs[input].Delete(new FileLine(file, line), _buffers[input]);
    }

    private int Rows
    {
        get
        {
            var rows = 0;
            foreach (var buffer in _buffers) rows += buffer.Count;
            return rows;
        }
    }

    private async Task HandOnAsync(SourceContext context, bool ends, CancellationToken stop)
    {
        var slice = new InputSlice { Position = _position.ToPosition(), EndsTransaction = ends, Rows = [.. _buffers.Select((rows, input) => (input, rows))], Bytes = (long)Rows * RowBytes };
        _buffers = NewBuffers();
        await context.Input.WriteAsync(slice, stop).ConfigureAwait(false);
    }

    private IRowBuffer[] NewBuffers() => Array.ConvertAll(inputs, i => i.NewBuffer(16));

    // One that was just written may be in the middle of it: it has to look the same twice, or be older than that.
    private bool IsAtRest(string file, (long Length, long Modified) now, TimeProvider time)
    {
        var same = _seen.TryGetValue(file, out var before) && before == now;
        _seen[file] = now;
        return same || time.GetUtcNow().UtcTicks - now.Modified > 10 * origin.Reading.LookEvery.Ticks;
    }

    private SortedDictionary<string, (long Length, long Modified)> Present()
    {
        var below = origin.Pattern.StartsWith("**/", StringComparison.Ordinal);
        // What may not be looked at isn't gone: left out of the list, its files would be taken back.
        var (pattern, options) = (below ? origin.Pattern[3..] : origin.Pattern, new EnumerationOptions { RecurseSubdirectories = below, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.System });
        var found = new FileSystemEnumerable<(string, long, long)>(
            origin.Folder, (ref FileSystemEntry entry) => (entry.ToFullPath(), entry.Length, entry.LastWriteTimeUtc.UtcTicks), options)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && FileSystemName.MatchesSimpleExpression(pattern, entry.FileName, ignoreCase: false),
        };
        var present = new SortedDictionary<string, (long, long)>(StringComparer.Ordinal);
        foreach (var (path, length, modified) in found) present[Path.GetRelativePath(origin.Folder, path).Replace('\\', '/')] = (length, modified);
        return present;
    }

    [LoggerMessage(EventId = 122, Level = LogLevel.Warning, Message = "The file {File} can't be read now: {Reason}")]
    private static partial void Unreadable(ILogger logger, string file, string reason);
}
