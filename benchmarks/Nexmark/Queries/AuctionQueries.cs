namespace Pathway.Nexmark.Queries;

/// <summary>What an auction brought.</summary>
public readonly record struct Closing(long Category, long Price);

/// <summary>What auctions of a category bring on average.</summary>
public sealed record CategoryAverage(long Category, long Average);

/// <summary>An auction with the bid that wins it.</summary>
public sealed record WinningBid(
    long Id, string ItemName, string Description, long InitialBid, long Reserve, long DateTime, long Expires, long Seller, long Category, string Extra,
    long Auction, long Bidder, long Price, long BidDateTime, string BidExtra);

/// <summary>A bidder on an auction.</summary>
public readonly record struct BidderAuction(long Bidder, long Auction);

/// <summary>A bid with its place among those on its auction.</summary>
public sealed record PlacedBid(long Auction, long Bidder, long Price, string Channel, string Url, long DateTime, string Extra, int Place);

/// <summary>The best and the last bids.</summary>
public static class AuctionQueries
{
    /// <summary>Average of the closing prices by category: of the highest bids inside the lives of the auctions.</summary>
    public static Table<long, CategoryAverage> Q4(NexmarkTables t)
    {
        var offers = t.Bids.Select(b => (b.Auction, b.Price, b.DateTime));
        var items = t.Auctions.Select(a => (a.Id, a.Category, a.DateTime, a.Expires));
        var closings =
            from item in items
            join offer in offers on item.Id equals offer.Auction
            where offer.DateTime >= item.DateTime && offer.DateTime <= item.Expires
            group offer.Price by (item.Id, item.Category) into life
            select new Closing(life.Key.Category, life.Max(price => price));
        return
            from closing in closings
            group closing.Price by closing.Category into prices
            select new CategoryAverage(prices.Key, prices.Sum(price => price) / prices.Count());
    }

    /// <summary>Per auction the highest bid inside its life, the earliest of them on a tie.</summary>
    public static Table<WinningBid> Q9(NexmarkTables t) => t.Auctions
        .Join(t.Bids, item => item.Id, offer => offer.Auction, (item, offer) => (Item: item, Offer: offer))
        .Where(pair => pair.Offer.DateTime >= pair.Item.DateTime && pair.Offer.DateTime <= pair.Item.Expires)
        .Top(1, pair => pair.Item.Id, pair => (pair.Offer.Price, -pair.Offer.DateTime))
        .Select(pair => new WinningBid(
            pair.Item.Id, pair.Item.ItemName, pair.Item.Description, pair.Item.InitialBid, pair.Item.Reserve, pair.Item.DateTime, pair.Item.Expires, pair.Item.Seller, pair.Item.Category, pair.Item.Extra,
            pair.Offer.Auction, pair.Offer.Bidder, pair.Offer.Price, pair.Offer.DateTime, pair.Offer.Extra));

    /// <summary>The latest bid of each bidder on each auction.</summary>
    public static Table<BidderAuction, Bid> Q18(NexmarkTables t) =>
        t.Bids.Deduplicate(b => new BidderAuction(b.Bidder, b.Auction), (next, last) => next.DateTime >= last.DateTime);

    /// <summary>The ten highest bids of each auction, with their place.</summary>
    public static Table<PlacedBid> Q19(NexmarkTables t) =>
        t.Bids.Top(10, b => b.Auction, b => b.Price, (b, place) => new PlacedBid(b.Auction, b.Bidder, b.Price, b.Channel, b.Url, b.DateTime, b.Extra, place));
}
