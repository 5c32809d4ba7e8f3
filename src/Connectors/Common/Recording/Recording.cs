using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Sessions of sources: recorded as they happen, replayed in tests and demos.</summary>
/// <remarks>
/// A recording is a file of JSON lines: a header, then what the source handed over at once, with the milliseconds since the start, the position and the rows. Rows stand there as <see cref="RowJson"/> tells.
/// </remarks>
/// <example><code>
/// var orders = pipeline.Table(Postgres.Table&lt;int, Order&gt;("public.orders", shop).RecordTo("session.jsonl"));    // in production, once
/// var orders = pipeline.Table(Recording.Replay&lt;Upsert&lt;int, Order&gt;&gt;("session.jsonl", "public.orders"));       // in a test
/// </code></example>
public static class Recording
{
    /// <summary>The same source, of which everything it hands over is also written to a file. All sources of one origin have to be recorded to the same file.</summary>
    /// <remarks>At a restart the recording goes on where the pipeline does: what wasn't durable is cut off and recorded again.</remarks>
    /// <param name="source">The source.</param>
    /// <param name="path">The file; new when the pipeline starts with an empty state directory.</param>
    public static ISource<TRow> RecordTo<TRow>(this ISource<TRow> source, string path) => new RecordedSource<TRow>(source, new RecordedOrigin(source.Origin, path));

    /// <summary>A source that hands over what was recorded, slice by slice.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="source">The name of the source that was recorded; null if there is only one.</param>
    /// <param name="speed">How many times faster than it was recorded; 0, the default, for as fast as it goes.</param>
    /// <typeparam name="TRow">The rows, of the type that was recorded.</typeparam>
    public static ISource<TRow> Replay<TRow>(string path, string? source = null, double speed = 0)
    {
        if (!double.IsFinite(speed) || speed < 0) throw new ConfigurationException(FormattableString.Invariant($"A replay {speed} times as fast can't be: the speed has to be 0 or a number above it."));
        return new ReplayedSource<TRow>(new RecordingOrigin(path, speed), source);
    }

    /// <summary>What was recorded, row by row, at the pace at which it came: for people to look at.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="source">Only the rows of this source; null for all.</param>
    /// <param name="speed">How many times faster than it was recorded; 0 for as fast as it goes.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="stop">Ends it.</param>
    public static async IAsyncEnumerable<RecordedChange> PlayAsync(string path, string? source = null, double speed = 0, TimeProvider? time = null, [EnumeratorCancellation] CancellationToken stop = default)
    {
        if (!double.IsFinite(speed) || speed < 0) throw new ConfigurationException(FormattableString.Invariant($"A replay {speed} times as fast can't be: the speed has to be 0 or a number above it."));
        time ??= TimeProvider.System;
        using var slices = new RecordedSlices(path);
        if (source is not null && !slices.Sources.Contains(source)) throw new ConfigurationException($"The recording {path} holds {string.Join(", ", slices.Sources)}; there is no '{source}' in it.");
        var pace = new RecordedPace(speed, time);
        while (slices.TryNext())
        {
            if (pace.UntilDue(slices.At) is var wait && wait > TimeSpan.Zero) await Task.Delay(wait, time, stop).ConfigureAwait(false);
            foreach (var rows in slices.Slice.GetProperty("rows").EnumerateObject())
            {
                if (source is not null && rows.Name != source) continue;
                foreach (var row in rows.Value.EnumerateArray()) yield return new RecordedChange(rows.Name, row.GetRawText());
            }
        }
    }
}

/// <summary>A row of a recording.</summary>
/// <param name="Source">The source that handed it over.</param>
/// <param name="Json">What it handed over.</param>
public sealed record RecordedChange(string Source, string Json);
