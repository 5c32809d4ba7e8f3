using System.Text.Json.Serialization.Metadata;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A change as one JSON object: the row's members, then <c>"time"</c> (the epoch) and <c>"diff"</c> (how often it came or went). A row that is no object stands as <c>"row"</c>.</summary>
/// <typeparam name="TRow">The row.</typeparam>
public sealed class JsonChangeFormatter<TRow> : IChangeFormatter<TRow>
{
    private readonly string _destination;
    private readonly JsonRowWriter<TRow> _rows = new();
    private readonly JsonValueWriter _numbers = new();

    /// <summary>For one file, topic or table.</summary>
    /// <param name="destination">Its name.</param>
    /// <exception cref="ConfigurationException">The row has a member <c>time</c> or <c>diff</c>.</exception>
    public JsonChangeFormatter(string destination)
    {
        _destination = destination;
        var type = RowJson.Options.GetTypeInfo(typeof(TRow));
        if (type.Kind == JsonTypeInfoKind.Object && type.Properties.FirstOrDefault(p => p.Name is "time" or "diff") is { } taken)
            throw new ConfigurationException($"The row type {typeof(TRow).Name} has a member that stands as '{taken.Name}' in JSON, where the change's own '{taken.Name}' goes. Select it under another name before the sink.");
    }

    /// <inheritdoc/>
    public void Format(in TRow row, long weight, Epoch time, OutputBuffer output)
    {
        output.BeginRow(output.Destination(_destination));
        output.BeginValue();
        _rows.WriteBeginning(in row, output);
        output.Write("\"time\":"u8);
        _numbers.Write((long)time.Value, output);
        output.Write(",\"diff\":"u8);
        _numbers.Write(weight, output);
        output.Write("}"u8);
        output.EndRow();
    }

    /// <inheritdoc/>
    public IChangeFormatter<TRow> ForAnotherWorker() => new JsonChangeFormatter<TRow>(_destination);
}
