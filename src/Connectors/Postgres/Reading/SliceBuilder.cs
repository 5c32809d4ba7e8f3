using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Collects changes for the next slice.</summary>
internal sealed class SliceBuilder(IReadOnlyList<ITableInput> inputs)
{
    private SliceMemory _memory = new();

    /// <summary>Bytes collected.</summary>
    public long Bytes => _memory.Bytes;

    /// <summary>When the last transaction in it was committed.</summary>
    public DateTimeOffset? SourceTime { get; set; }

    /// <summary>What is wanted beside changes of rows.</summary>
    public StreamKinds Also { get; } = inputs.Aggregate(StreamKinds.None, (also, input) => also | input.Also);

    /// <summary>Memory for a message, which lives as long as the slice.</summary>
    public Memory<byte> Take(int length) => _memory.Take(length);

    /// <summary>Whether the initial load goes on, so that changes may concern rows that weren't loaded yet.</summary>
    public bool IsLoading { get; set; }

    /// <summary>Adds a change to the inputs that want it.</summary>
    public void Add(in ChangeEvent change)
    {
        foreach (var input in inputs) input.Add(change, IsLoading);
    }

    /// <summary>The slice of what was collected; the builder begins the next one.</summary>
    public InputSlice Build(Position position, bool endsTransaction)
    {
        var rows = new List<(int, IRowBuffer)>(inputs.Count);
        for (var i = 0; i < inputs.Count; i++)
            if (inputs[i].Take() is { } taken) rows.Add((i, taken));
        var memory = _memory;
        _memory = new SliceMemory();
        return new InputSlice { Position = position, EndsTransaction = endsTransaction, Rows = rows, Bytes = memory.Bytes + 64, SourceTime = SourceTime, Memory = memory };
    }

    /// <summary>Drops what was collected: the connection was lost, and it comes again.</summary>
    public void Drop()
    {
        foreach (var input in inputs) input.Take();
        _memory.Dispose();
        _memory = new SliceMemory();
    }
}
