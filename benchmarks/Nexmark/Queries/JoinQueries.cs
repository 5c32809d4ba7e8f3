namespace Pathway.Nexmark.Queries;

/// <summary>Who sells an item in some states.</summary>
public sealed record LocalItem(string Name, string City, string State, long Id);

/// <summary>A bid with the value of its key in a side table.</summary>
public sealed record SideBid(long Auction, long Bidder, long Price, long DateTime, string V);

/// <summary>A bid with all that is known of its auction.</summary>
public sealed record ItemBid(
    long Auction, long Bidder, long Price, string Channel, string Url, long BidDateTime, string BidExtra,
    string ItemName, string Description, long InitialBid, long Reserve, long AuctionDateTime, long Expires, long Seller, long Category, string AuctionExtra);

/// <summary>Joins without bounds: what came once may match at any time.</summary>
public static class JoinQueries
{
    /// <summary>Auctions of category 10 whose seller lives in Oregon, Idaho or California.</summary>
    public static Table<LocalItem> Q3(NexmarkTables t) =>
        from item in t.Auctions.Where(a => a.Category == 10)
        join seller in t.Persons.Where(p => p.State is "OR" or "ID" or "CA") on item.Seller equals seller.Id
        select new LocalItem(seller.Name, seller.City, seller.State, item.Id);

    /// <summary>Every bid with the value of its auction's key in a table of 10 000 rows.</summary>
    public static Table<SideBid> Q13(NexmarkTables t) =>
        from b in t.Bids
        join side in t.Sides on b.Auction % 10_000 equals side.K
        select new SideBid(b.Auction, b.Bidder, b.Price, b.DateTime, side.V);

    /// <summary>Bids with their auction, for auctions of category 10.</summary>
    public static Table<ItemBid> Q20(NexmarkTables t) =>
        from offer in t.Bids
        join item in t.Auctions.Where(a => a.Category == 10) on offer.Auction equals item.Id
        select new ItemBid(
            offer.Auction, offer.Bidder, offer.Price, offer.Channel, offer.Url, offer.DateTime, offer.Extra,
            item.ItemName, item.Description, item.InitialBid, item.Reserve, item.DateTime, item.Expires, item.Seller, item.Category, item.Extra);
}
