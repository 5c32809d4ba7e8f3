using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A place of reading that keeps its input: what was read once can be read again, the same rows up to the same positions.</summary>
/// <remarks>
/// Two ask for that: a restored pipeline, which comes from an older position to where its targets are, and steps that are made anew, which take in everything from the beginning to where the pipeline stands.
/// For a reader they are the same: it comes by <see cref="SourceContext.Stops"/>.
/// </remarks>
public interface IKeptOrigin : ISourceOrigin
{
    /// <summary>Why reading on from one place doesn't come by another with just the rows that were there; null where it does, as far as that can be told without reading.</summary>
    /// <param name="from">The one; null for the beginning.</param>
    /// <param name="to">The other, which was reached before; null for wherever that is.</param>
    string? WhyNotAgain(Position? from, Position? to);

    /// <summary>Whether all input up to <paramref name="to"/> comes in the same order each time; else only the order within each of several parts is kept.</summary>
    bool IsInOrder(Position to) => true;
}
