using System.Globalization;

namespace Pathway.Nexmark.Queries;

/// <summary>Bids of a day: counts and distinct counts, of all and in three ranges of prices.</summary>
public sealed record DayStatistics(
    string Day, long TotalBids, long Rank1Bids, long Rank2Bids, long Rank3Bids, long TotalBidders, long Rank1Bidders, long Rank2Bidders, long Rank3Bidders,
    long TotalAuctions, long Rank1Auctions, long Rank2Auctions, long Rank3Auctions);

/// <summary>A channel on a day.</summary>
public readonly record struct ChannelDay(string Channel, string Day);

/// <summary>Bids of a channel on a day.</summary>
public sealed record ChannelStatistics(
    string Channel, string Day, string Minute, long TotalBids, long Rank1Bids, long Rank2Bids, long Rank3Bids, long TotalBidders, long Rank1Bidders, long Rank2Bidders, long Rank3Bidders,
    long TotalAuctions, long Rank1Auctions, long Rank2Auctions, long Rank3Auctions);

/// <summary>An auction on a day.</summary>
public readonly record struct AuctionDay(long Auction, string Day);

/// <summary>Bids on an auction on a day.</summary>
public sealed record AuctionStatistics(
    long Auction, string Day, long TotalBids, long Rank1Bids, long Rank2Bids, long Rank3Bids, long MinPrice, long MaxPrice, long AvgPrice, long SumPrice);

/// <summary>Many reducers over one group.</summary>
public static class StatisticsQueries
{
    private const long Low = 10_000, High = 1_000_000;

    /// <summary>Statistics of each day (UTC).</summary>
    public static Table<string, DayStatistics> Q15(NexmarkTables t) =>
        from b in t.Bids
        group b by DayOf(b.DateTime) into g
        select new DayStatistics(
            g.Key, g.Count(), g.Count(b => b.Price < Low), g.Count(b => b.Price >= Low && b.Price < High), g.Count(b => b.Price >= High),
            g.CountDistinct(b => b.Bidder), g.CountDistinct(b => b.Bidder, b => b.Price < Low), g.CountDistinct(b => b.Bidder, b => b.Price >= Low && b.Price < High), g.CountDistinct(b => b.Bidder, b => b.Price >= High),
            g.CountDistinct(b => b.Auction), g.CountDistinct(b => b.Auction, b => b.Price < Low), g.CountDistinct(b => b.Auction, b => b.Price >= Low && b.Price < High), g.CountDistinct(b => b.Auction, b => b.Price >= High));

    /// <summary>Statistics of each channel and day (UTC), with the latest minute seen.</summary>
    public static Table<ChannelDay, ChannelStatistics> Q16(NexmarkTables t) =>
        from b in t.Bids
        group b by new ChannelDay(b.Channel, DayOf(b.DateTime)) into g
        select new ChannelStatistics(
            g.Key.Channel, g.Key.Day, g.Max(b => MinuteOf(b.DateTime)), g.Count(), g.Count(b => b.Price < Low), g.Count(b => b.Price >= Low && b.Price < High), g.Count(b => b.Price >= High),
            g.CountDistinct(b => b.Bidder), g.CountDistinct(b => b.Bidder, b => b.Price < Low), g.CountDistinct(b => b.Bidder, b => b.Price >= Low && b.Price < High), g.CountDistinct(b => b.Bidder, b => b.Price >= High),
            g.CountDistinct(b => b.Auction), g.CountDistinct(b => b.Auction, b => b.Price < Low), g.CountDistinct(b => b.Auction, b => b.Price >= Low && b.Price < High), g.CountDistinct(b => b.Auction, b => b.Price >= High));

    /// <summary>Statistics of each auction and day (UTC).</summary>
    public static Table<AuctionDay, AuctionStatistics> Q17(NexmarkTables t) =>
        from b in t.Bids
        group b by new AuctionDay(b.Auction, DayOf(b.DateTime)) into g
        select new AuctionStatistics(
            g.Key.Auction, g.Key.Day, g.Count(), g.Count(b => b.Price < Low), g.Count(b => b.Price >= Low && b.Price < High), g.Count(b => b.Price >= High),
            g.Min(b => b.Price), g.Max(b => b.Price), g.Sum(b => b.Price) / g.Count(), g.Sum(b => b.Price));

    private static string DayOf(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string MinuteOf(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time).ToString("HH:mm", CultureInfo.InvariantCulture);
}
