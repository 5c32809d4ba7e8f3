using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>The stops that a reader has yet to come by, where its place is one number.</summary>
/// <param name="what">What is read, for people: "the file orders.jsonl".</param>
/// <param name="places">The places of <see cref="SourceContext.Stops"/>.</param>
public sealed class StopsAhead(string what, IEnumerable<long> places)
{
    private readonly Queue<long> _places = new(places);

    /// <summary>Whether none is ahead: what comes now wasn't read before.</summary>
    public bool IsOver => _places.Count == 0;

    /// <summary>The place of the next one, where a slice has to end; beyond everything where none is ahead.</summary>
    public long Next => _places.TryPeek(out var next) ? next : long.MaxValue;

    /// <summary>Reading has come to <paramref name="place"/>.</summary>
    /// <exception cref="RefusalException">It went by a stop.</exception>
    public void Reach(long place)
    {
        if (place > Next)
            throw new RefusalException($"{what} isn't the one that was read", $"something that goes on beyond {Next}", "an end there", "Put back what was read, or begin anew with an empty state directory.");
        if (place == Next) _places.Dequeue();
    }
}
