using System.Text.Json;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A recording as a place of reading.</summary>
internal sealed record RecordingOrigin(string FilePath, double Speed) : IKeptOrigin
{
    public string Partition => $"recording:{FilePath}";

    public string Description => $"recording {FilePath}";

    public string? WhyNotAgain(Position? from, Position? to) => FilePosition.WhyNotAgain(FilePath, from, to);

    public ISourceReader Open(IReadOnlyList<ISource> sources) => new RecordingReplay(this, [.. sources.Cast<IReplayedSource>().Select(s => (s.Source, RowListJson.Of(((ISource)s).RowType)))]);
}

/// <summary>A source of a recording.</summary>
internal interface IReplayedSource
{
    /// <summary>Its name there; null for the only one.</summary>
    string? Source { get; }
}

/// <inheritdoc/>
internal sealed record ReplayedSource<TRow>(RecordingOrigin Place, string? Source) : ISource<TRow>, IReplayedSource
{
    public string Name => Source ?? Path.GetFileName(Place.FilePath);

    public ISourceOrigin Origin => Place;

    public bool SaysAgain => true; // what was recorded may have
}

/// <summary>Hands over the slices of a recording, at its pace or faster; transactions stay whole.</summary>
internal sealed class RecordingReplay(RecordingOrigin origin, (string? Source, IRowListJson Rows)[] inputs) : ISourceReader
{
    private const int BytesOfLine = 2;    // a row takes about so much more memory than its text

    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        using var slices = new RecordedSlices(origin.FilePath);
        var names = inputs.Select(i => NameOf(i.Source, slices.Sources)).ToArray();
        var from = context.Resume is { } resume ? FilePosition.Parse(resume).Offset : 0;
        context.Streaming();
        var pace = new RecordedPace(origin.Speed, context.Time);
        var stops = new StopsAhead($"the recording {origin.FilePath}", context.Stops.Select(s => FilePosition.Parse(s).Offset));
        while (slices.TryNext())
        {
            if (slices.Position.Offset <= from) continue;
            stop.ThrowIfCancellationRequested();
            if (stops.IsOver && pace.UntilDue(slices.At) is var wait && wait > TimeSpan.Zero) await Task.Delay(wait, context.Time, stop).ConfigureAwait(false);
            stops.Reach(slices.Position.Offset); // its slices are always the same
            await context.Input.WriteAsync(Slice(slices, names), stop).ConfigureAwait(false);
        }
    }

    public void Acknowledge(Position position)
    {
        // A recording forgets nothing.
    }

    public string Describe(Position position) => $"line {FilePosition.Parse(position).Lines} of {origin.FilePath}";

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private InputSlice Slice(RecordedSlices slices, string[] names)
    {
        var rows = new List<(int, IRowBuffer)>();
        for (var input = 0; input < inputs.Length; input++)
            if (slices.Slice.GetProperty("rows").TryGetProperty(names[input], out var recorded)) rows.Add((input, Read(slices, names[input], inputs[input].Rows, recorded)));
        return new InputSlice { Position = slices.Position.ToPosition(), EndsTransaction = !slices.IsPart, Rows = rows, Bytes = rows.Count == 0 ? 0 : slices.Slice.GetRawText().Length * BytesOfLine };
    }

    private IRowBuffer Read(RecordedSlices slices, string name, IRowListJson rows, JsonElement recorded)
    {
        try
        {
            return rows.Read(recorded);
        }
        catch (JsonException e)
        {
            throw new BadDataException($"Line {slices.Position.Lines} of the recording {origin.FilePath} holds rows of {name} that can't be read as that type: {e.Message}", e);
        }
    }

    private string NameOf(string? asked, IReadOnlyList<string> recorded)
    {
        if (asked is null && recorded is [var only]) return only;
        if (asked is not null && recorded.Contains(asked)) return asked;
        throw new ConfigurationException($"The recording {origin.FilePath} holds {string.Join(", ", recorded)}; {(asked is null ? "say which of them is to be replayed" : $"there is no '{asked}' in it")}.");
    }
}
