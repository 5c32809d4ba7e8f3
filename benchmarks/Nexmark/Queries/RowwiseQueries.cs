namespace Pathway.Nexmark.Queries;

/// <summary>A bid as it came.</summary>
public sealed record BidLine(long Auction, long Bidder, long Price, long DateTime, string Extra);

/// <summary>A bid in euro.</summary>
public sealed record EuroBid(long Auction, long Bidder, decimal Price, long DateTime, string Extra);

/// <summary>What was bid for an auction.</summary>
public sealed record AuctionPrice(long Auction, long Price);

/// <summary>A bid with a name for the hour, and how often its text has a 'c'.</summary>
public sealed record TimedBid(long Auction, long Bidder, decimal Price, string BidTimeType, long DateTime, string Extra, int CCounts);

/// <summary>A bid with the number of its channel.</summary>
public sealed record ChannelBid(long Auction, long Bidder, long Price, string Channel, string ChannelId);

/// <summary>A bid with the directories of its address.</summary>
public sealed record DirectoryBid(long Auction, long Bidder, long Price, string Channel, string Dir1, string Dir2, string Dir3);

/// <summary>Queries that look at one row at a time.</summary>
public static class RowwiseQueries
{
    /// <summary>Every bid, unchanged.</summary>
    public static Table<BidLine> Q0(NexmarkTables t) =>
        from b in t.Bids
        select new BidLine(b.Auction, b.Bidder, b.Price, b.DateTime, b.Extra);

    /// <summary>Every bid with its price in euro.</summary>
    public static Table<EuroBid> Q1(NexmarkTables t) =>
        from b in t.Bids
        select new EuroBid(b.Auction, b.Bidder, 0.908m * b.Price, b.DateTime, b.Extra);

    /// <summary>Bids on every 123rd auction.</summary>
    public static Table<AuctionPrice> Q2(NexmarkTables t) =>
        from b in t.Bids
        where b.Auction % 123 == 0
        select new AuctionPrice(b.Auction, b.Price);

    /// <summary>Bids within limits, with a name for the hour.</summary>
    public static Table<TimedBid> Q14(NexmarkTables t) =>
        from b in t.Bids
        where 0.908m * b.Price > 1_000_000 && 0.908m * b.Price < 50_000_000
        select new TimedBid(b.Auction, b.Bidder, 0.908m * b.Price, TimeTypeOf(b.DateTime), b.DateTime, b.Extra, b.Extra.Count(c => c == 'c'));

    /// <summary>Bids whose channel has a number: a known one, or one that stands in the address.</summary>
    public static Table<ChannelBid> Q21(NexmarkTables t) => t.Bids
        .Select(b => (Bid: b, Id: ChannelIdOf(b)))
        .Where(b => b.Id != null)
        .Select(b => new ChannelBid(b.Bid.Auction, b.Bid.Bidder, b.Bid.Price, b.Bid.Channel, b.Id!));

    /// <summary>The three directories of each bid's address.</summary>
    public static Table<DirectoryBid> Q22(NexmarkTables t) => t.Bids.Select(b =>
    {
        var parts = b.Url.Split('/');
        return new DirectoryBid(b.Auction, b.Bidder, b.Price, b.Channel, parts[3], parts[4], parts[5]);
    });

    private static string TimeTypeOf(long time) => (time / 3_600_000 % 24) switch
    {
        >= 8 and <= 18 => "dayTime",
        <= 6 or >= 20 => "nightTime",
        _ => "otherTime",
    };

    private static string? ChannelIdOf(Bid bid)
    {
        switch (bid.Channel)
        {
            case "Apple": return "0";
            case "Google": return "1";
            case "Facebook": return "2";
            case "Baidu": return "3";
        }

        const string Mark = "&channel_id=";
        var at = bid.Url.IndexOf(Mark, StringComparison.Ordinal);
        if (at < 0) return null;
        var id = bid.Url.AsSpan(at + Mark.Length);
        var end = id.IndexOf('&');
        return (end < 0 ? id : id[..end]).ToString();
    }
}
