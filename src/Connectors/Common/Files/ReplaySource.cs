using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A file whose rows come at the pace of a time of their own.</summary>
/// <param name="FilePath">As the user wrote it; part of the durable name.</param>
/// <param name="Quote">The quote within which lines don't end.</param>
/// <param name="Speed">How many times faster than it was.</param>
internal sealed record ReplayOrigin(string FilePath, byte? Quote, double Speed) : IKeptOrigin
{
    public string Partition => $"replay:{FilePath}";

    public string Description => FormattableString.Invariant($"file {FilePath}, replayed {Speed} times as fast");

    public string? WhyNotAgain(Position? from, Position? to) => FilePosition.WhyNotAgain(FilePath, from, to);

    public ISourceReader Open(IReadOnlyList<ISource> sources) => sources is [IReplaySource only]
        ? only.Open()
        : throw new ConfigurationException($"The file {FilePath} is replayed as {sources.Count} tables. Replay it once, and derive the others from that table.");
}

/// <summary>A source that makes its reader by itself.</summary>
internal interface IReplaySource
{
    ISourceReader Open();
}

/// <inheritdoc/>
internal sealed class ReplaySource<TRow>(ReplayOrigin origin, FileForm<TRow> form, Func<TRow, DateTimeOffset> time) : ISource<TRow>, IReplaySource
{
    public string Name => $"{Path.GetFileName(origin.FilePath)} {form.Text}".TrimEnd();

    public ISourceOrigin Origin => origin;

    public ISourceReader Open() => new ReplayReader<TRow>(origin, form.Open(), time);
}

/// <summary>Reads a file row by row and waits until each is due: its time, counted from that of the first row read, divided by the speed. A row that is older than one before it waits no longer.</summary>
internal sealed class ReplayReader<TRow>(ReplayOrigin origin, IRecordReader<TRow> records, Func<TRow, DateTimeOffset> time) : ISourceReader
{
    private const int SliceRows = 1000, RowBytes = 256;

    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        if (!File.Exists(origin.FilePath)) throw new ConfigurationException($"The file {origin.FilePath} doesn't exist (looked for at {Path.GetFullPath(origin.FilePath)}).");
        using var file = new RecordFile(origin.FilePath, origin.Quote, context.Resume is { } resume ? FilePosition.Parse(resume) : new FilePosition(0, 0));
        var (input, errors) = (new Header(records), new RecordErrors(BadLines.Stop, context.Logger));
        if (file.Position.Offset > 0) FileReader.ReadHeaderOf(origin.FilePath, origin.Quote, [input]);
        var stops = new StopsAhead($"the file {origin.FilePath}", context.Stops.Select(s => FilePosition.Parse(s).Offset));
        context.Streaming();
        var (rows, pace) = (new RowBuffer<TRow>(), new RecordedPace(origin.Speed, context.Time));
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            if (file.Position.Offset >= stops.Next)
            {
                stops.Reach(file.Position.Offset);
                await HandOnAsync(file.Position).ConfigureAwait(false);
            }

            var before = file.Position;
            if (!TryReadRow(file, input, errors, stops.Next, out var row))
            {
                if (file.Position.Offset >= stops.Next) continue;
                break;
            }

            var wait = stops.IsOver ? pace.UntilDue(time(row) - DateTimeOffset.UnixEpoch) : TimeSpan.Zero;
            if (rows.Count == SliceRows || (rows.Count > 0 && wait > TimeSpan.Zero)) await HandOnAsync(before).ConfigureAwait(false);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, context.Time, stop).ConfigureAwait(false);
            rows.Add(row);
        }

        if (rows.Count > 0) await HandOnAsync(file.Position).ConfigureAwait(false);

        async Task HandOnAsync(FilePosition position)
        {
            await context.Input.WriteAsync(new InputSlice { Position = position.ToPosition(), Rows = [(0, rows)], Bytes = (long)rows.Count * RowBytes }, stop).ConfigureAwait(false);
            rows = new RowBuffer<TRow>();
        }
    }

    public void Acknowledge(Position position)
    {
        // A file forgets nothing.
    }

    public string Describe(Position position) => $"line {FilePosition.Parse(position).Lines} of {origin.FilePath}";

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private bool TryReadRow(RecordFile file, Header input, RecordErrors errors, long until, out TRow row)
    {
        row = default!;
        while (file.Position.Offset < until && file.TryRead(wholeOnly: false, out var record))
        {
            if (file.Line == 1)
            {
                record = FileReader.WithoutMark(record);
                FileReader.TakeHeader(origin.FilePath, record, [input]);
                if (records.HasHeader) continue;
            }

            if (!records.ReadsBlank && record.Trim(" \t\r"u8).IsEmpty) continue;
            try
            {
                if (records.TryRead(record, out row)) return true;
            }
            catch (Exception e) when (RecordErrors.IsOfRecord(e))
            {
                errors.Meet(e, origin.FilePath, file.Line, record);
            }
        }

        return false;
    }

    /// <summary>Hands the header on.</summary>
    private sealed class Header(IRecordReader<TRow> records) : IFileInput
    {
        public bool HasHeader => records.HasHeader;

        public void TakeHeader(ReadOnlySpan<byte> record) => records.TakeHeader(record);

        public IRowBuffer NewBuffer(int rows) => new RowBuffer<TRow>(rows);

        public bool Read(ReadOnlySpan<byte> record, IRowBuffer into) => throw new InvariantException("A replay reads its rows by itself.");
    }
}
