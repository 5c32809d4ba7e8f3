using System.Globalization;

namespace Pathway.Hosting;

/// <summary>How a running pipeline is doing, for who asks: <c>pathway inspect DIR</c>.</summary>
public static class RunningText
{
    /// <summary>Some lines.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="more">What else there is to say: a name and a text each.</param>
    public static string Of(Pipeline pipeline, IEnumerable<(string Name, string Text)>? more = null)
    {
        var status = pipeline.Status;
        List<(string Name, string Text)> lines =
        [
            ("pipeline", $"{pipeline.Name}, running{(status.IsStreaming ? ", streaming" : ", not streaming yet")}"),
            ("last commit", status.LastCommit.ToString()),
            ("rows", string.Create(CultureInfo.InvariantCulture, $"{status.RowsRead} read, {status.RowsDelivered} delivered, {status.RowsUndelivered} committed and to be delivered")),
            ("log", Sizes.Text(status.LogBytes)),
            ("state", $"RocksDB {Sizes.Text(status.CheckpointBytes)}, caches {Sizes.Text(status.StateBytes)}"),
        ];
        if (status.SourceTime is { } at) lines.Add(("source time", at.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)));
        return string.Join(Environment.NewLine, lines.Concat(more ?? []).Select(line => $"  {line.Name,-12} {line.Text}").Prepend(Path.GetFullPath(pipeline.Options.StateDirectory)));
    }
}
