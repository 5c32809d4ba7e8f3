using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A reader whose source keeps its input: what was read once can be read again, the same.</summary>
/// <remarks>It ends a slice exactly at each of <see cref="SourceContext.Stops"/>, and gives that slice the stop's own position.</remarks>
public interface IReplayableReader : ISourceReader
{
    /// <summary>Whether reading on from <paramref name="from"/> (null: from the beginning) comes by <paramref name="stop"/>, or is there already.</summary>
    bool Reaches(Position? from, Position stop);

    /// <summary>Whether all input up to <paramref name="stop"/> comes in the same order each time; else only the order within each of several parts is kept.</summary>
    bool IsInOrder(Position stop) => true;
}
