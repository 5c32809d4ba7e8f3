namespace Pathway.Core;

/// <summary>One record for a target, in final bytes. The spans live until the reader moves on.</summary>
public readonly ref struct OutputRow
{
    /// <summary>Where in the target it goes: a topic, a table, a file.</summary>
    public string Destination { get; init; }

    /// <summary>Whether there is a key.</summary>
    public bool HasKey { get; init; }

    /// <summary>Whether there is a value; without one the record is a tombstone.</summary>
    public bool HasValue { get; init; }

    /// <summary>The key's bytes.</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>The value's bytes.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>Encoded headers (see <see cref="OutputBuffer"/>); empty for none.</summary>
    public ReadOnlySpan<byte> Headers { get; init; }
}
