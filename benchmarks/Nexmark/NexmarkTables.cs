using Pathway.Connectors;

namespace Pathway.Nexmark;

/// <summary>The three streams of the auction site, as tables whose rows only ever come.</summary>
public sealed record NexmarkTables(Table<Person> Persons, Table<Auction> Auctions, Table<Bid> Bids, Table<Side> Sides)
{
    /// <summary>From a file of all events, one JSON object a line, and one of the side table.</summary>
    public static NexmarkTables Read(Pipeline pipeline, string events, string sides) => new(
        pipeline.Table(Files.Stream<Person>(events, new LineKind("type", "person"))),
        pipeline.Table(Files.Stream<Auction>(events, new LineKind("type", "auction"))),
        pipeline.Table(Files.Stream<Bid>(events, new LineKind("type", "bid"))),
        pipeline.Table(Files.Stream<Side>(sides)));

    /// <summary>Writes the side table: the keys 0 to 9999.</summary>
    public static void WriteSides(string path) => File.WriteAllLines(path, Enumerable.Range(0, 10_000).Select(k => $$"""{"k":{{k}},"v":"side-{{k}}"}"""));
}
