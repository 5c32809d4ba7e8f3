using System.Text;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Reads a file record by record to its end, or on as it grows, and hands slices on; its position is the offset behind the last whole record.</summary>
internal sealed class FileReader(FileOrigin origin, IFileInput[] inputs) : ISourceReader
{
    private const int SliceRows = 1000;

    /// <summary>A row takes about so much more memory than its line.</summary>
    private const int RowBytes = 64;

    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        var position = context.Resume is { } resume ? FilePosition.Parse(resume) : new FilePosition(0, 0);
        var errors = new RecordErrors(origin.Reading.BadLines, context.Logger);
        var stops = new StopsAhead($"the file {origin.FilePath}", context.Stops.Select(stop => FilePosition.Parse(stop).Offset));
        using var file = Open(position, context.Stops is [.., var last] ? FilePosition.Parse(last) : position);
        if (position.Offset > 0) ReadHeaderOf(origin.FilePath, origin.Quote, inputs);
        context.Streaming();
        var rooms = new int[inputs.Length]; // as many rows as the slice before had
        while (!stop.IsCancellationRequested)
        {
            var before = file.Position;
            var buffers = inputs.Select((input, i) => input.NewBuffer(rooms[i])).ToArray();
            ReadSlice(file, buffers, errors, stops);
            for (var i = 0; i < buffers.Length; i++) rooms[i] = buffers[i].Count;
            position = file.Position;
            stops.Reach(position.Offset);
            if (position.Offset > before.Offset)
            {
                var slice = new InputSlice
                {
                    Position = position.ToPosition(), Rows = [.. buffers.Select((rows, input) => (input, rows))], Bytes = position.Offset - before.Offset + (RowBytes * (position.Lines - before.Lines)),
                };
                await context.Input.WriteAsync(slice, stop).ConfigureAwait(false);
                continue;
            }

            errors.EndOfFile();
            if (!origin.Reading.Follow) return;
            await Task.Delay(origin.Reading.LookEvery, context.Time, stop).ConfigureAwait(false);
            RequireLength(file.Length, position);
        }
    }

    public void Acknowledge(Position position)
    {
        // A file forgets nothing.
    }

    public string Describe(Position position) => $"line {FilePosition.Parse(position).Lines} of {origin.FilePath}";

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Hands the first record of a file to those who want to know the columns.</summary>
    public static void ReadHeaderOf(string path, byte? quote, IFileInput[] inputs)
    {
        if (!Array.Exists(inputs, i => i.HasHeader)) return;
        using var file = new RecordFile(path, quote, new FilePosition(0, 0));
        if (file.TryRead(wholeOnly: false, out var record)) TakeHeader(path, record, inputs);
    }

    /// <summary>Gives the first record of a file to those who want to know the columns.</summary>
    public static void TakeHeader(string path, ReadOnlySpan<byte> record, IFileInput[] inputs)
    {
        try
        {
            foreach (var input in inputs)
                if (input.HasHeader) input.TakeHeader(WithoutMark(record));
        }
        catch (FormatException e)
        {
            throw new BadDataException($"The first line of {path} isn't the header that was expected: {e.Message}", e);
        }
    }

    /// <summary>The record without the mark that some programs put at the beginning of a file.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> record) => record.StartsWith(Encoding.UTF8.Preamble) ? record[Encoding.UTF8.Preamble.Length..] : record;

    private RecordFile Open(FilePosition position, FilePosition needed)
    {
        if (!File.Exists(origin.FilePath)) throw new ConfigurationException($"The file {origin.FilePath} doesn't exist (looked for at {Path.GetFullPath(origin.FilePath)}).");
        var file = new RecordFile(origin.FilePath, origin.Quote, position);
        try
        {
            RequireLength(file.Length, needed);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void RequireLength(long length, FilePosition position)
    {
        if (length < position.Offset)
            throw new RefusalException($"the file {origin.FilePath} is shorter than what was read of it", $"{length} bytes", $"at least {position.Offset} bytes", "Put the file back, or begin anew with an empty state directory.");
    }

    private void ReadSlice(RecordFile file, IRowBuffer[] buffers, RecordErrors errors, StopsAhead stops)
    {
        for (var records = 0; records < SliceRows && file.Position.Offset < stops.Next; records++)
        {
            // What was read once as a line is one, also where the file goes on behind it now.
            if (!file.TryRead(origin.Reading.Follow && stops.IsOver, out var record)) return;
            if (file.Line == 1)
            {
                record = WithoutMark(record);
                TakeHeader(origin.FilePath, record, inputs);
            }

            for (var input = 0; input < inputs.Length; input++)
            {
                if (file.Line == 1 && inputs[input].HasHeader) continue;
                try
                {
                    inputs[input].Read(record, buffers[input]);
                }
                catch (Exception e) when (RecordErrors.IsOfRecord(e))
                {
                    errors.Meet(e, origin.FilePath, file.Line, record);
                }
            }
        }
    }
}
