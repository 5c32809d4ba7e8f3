using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Rows of whole source transactions, or a part of one that is too large for one slice, with the position behind them.</summary>
/// <remarks>
/// The engine steps a slice whole and disposes it. Parts: all slices but the last of an outsized transaction have <see cref="EndsTransaction"/> false; nothing is committed between them.
/// </remarks>
public sealed class InputSlice : IDisposable
{
    /// <summary>Where this source stands after the slice. For a part of a transaction: ignored.</summary>
    public required Position Position { get; init; }

    /// <summary>Whether a commit may follow.</summary>
    public bool EndsTransaction { get; init; } = true;

    /// <summary>Rows by input: the index into the sources that the reader was opened with, and its rows. At most one entry for an input.</summary>
    public IReadOnlyList<(int Input, IRowBuffer Rows)> Rows { get; init; } = [];

    /// <summary>About how many bytes of memory it holds; what the queue's limit counts.</summary>
    public long Bytes { get; init; }

    /// <summary>When the source committed the last transaction in it; null if unknown. For lag.</summary>
    public DateTimeOffset? SourceTime { get; init; }

    /// <summary>Memory that the rows point into; given back when the slice is disposed.</summary>
    public IDisposable? Memory { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Memory?.Dispose();
}
