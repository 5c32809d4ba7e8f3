namespace Pathway.Nexmark;

/// <summary>Somebody who joined the auction site. Times are milliseconds since 1970, UTC.</summary>
public sealed record Person(long Id, string Name, string EmailAddress, string CreditCard, string City, string State, long DateTime, string Extra);

/// <summary>Something for sale, from <c>DateTime</c> to <c>Expires</c>. Money is in cents.</summary>
public sealed record Auction(long Id, string ItemName, string Description, long InitialBid, long Reserve, long DateTime, long Expires, long Seller, long Category, string Extra);

/// <summary>An offer of a person for what an auction sells.</summary>
public sealed record Bid(long Auction, long Bidder, long Price, string Channel, string Url, long DateTime, string Extra);

/// <summary>A row of the side table of query 13.</summary>
public sealed record Side(long K, string V);
