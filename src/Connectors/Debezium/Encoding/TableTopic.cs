using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>A topic that records of a table go to, with what stands around their keys and values there.</summary>
/// <param name="name">Its name.</param>
/// <param name="key">Around keys.</param>
/// <param name="value">Around values.</param>
/// <param name="nothing">Around the value that says null; null where such a record has no value at all.</param>
internal sealed class TableTopic(string name, RecordFrame key, RecordFrame value, RecordFrame? nothing)
{
    private long _batch = -1;
    private ushort _number;

    /// <summary>Around keys.</summary>
    public RecordFrame Key => key;

    /// <summary>Around values.</summary>
    public RecordFrame Value => value;

    /// <summary>Around the value that says null; null where such a record has no value at all.</summary>
    public RecordFrame? Null => nothing;

    /// <summary>Its number in the output, which holds for one batch.</summary>
    public ushort Number(in BatchClock clock, OutputBuffer output)
    {
        if (_batch != clock.Number) (_batch, _number) = (clock.Number, output.Destination(name));
        return _number;
    }
}
