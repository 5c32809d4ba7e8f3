using Pathway.Core;

namespace Pathway.Nexmark.Queries;

/// <summary>An auction with the most bids in some window.</summary>
public sealed record HotItem(long Auction, long Num);

/// <summary>A bid of the highest price of its window.</summary>
public sealed record HighestBid(long Auction, long Price, long Bidder, long DateTime, string Extra);

/// <summary>Somebody who joined and opened an auction in the same window.</summary>
public sealed record NewSeller(long Id, string Name, long WindowStart);

/// <summary>Bids of a bidder with no long pause between them.</summary>
public sealed record BidSession(long Bidder, long BidCount, long WindowStart, long WindowEnd);

/// <summary>Windows as ordinary tables: what they give is right at any time for the rows that came so far, so no watermark is needed; nothing of them is ever forgotten.</summary>
public static class WindowQueries
{
    private const long Window = 10_000, Hop = 2_000;

    /// <summary>The auctions with the most bids in each window of 10 s, every 2 s.</summary>
    public static Table<HotItem> Q5(NexmarkTables t)
    {
        var counts = t.Bids
            .SelectMany(b => WindowsOf(b.DateTime), (b, start) => (Start: start, b.Auction))
            .GroupBy(b => b)
            .Select(g => new ValueTuple<long, long, long>(g.Key.Start, g.Key.Auction, g.Count()));
        var most = counts
            .GroupBy(c => c.Item1)
            .Select(g => new ValueTuple<long, long>(g.Key, g.Max(c => c.Item3)));
        return counts.Join(most, c => (c.Item1, c.Item3), m => (m.Item1, m.Item2), (c, _) => new HotItem(c.Item2, c.Item3));
    }

    /// <summary>The bids with the highest price of each window of 10 s.</summary>
    public static Table<HighestBid> Q7(NexmarkTables t)
    {
        var highest = t.Bids
            .GroupBy(b => StartOf(b.DateTime))
            .Select(g => new ValueTuple<long, long>(g.Key, g.Max(b => b.Price)));
        return t.Bids
            .Join(highest, b => b.Price, h => h.Item2, (b, h) => (Bid: b, Start: h.Item1))
            .Where(b => b.Bid.DateTime >= b.Start && b.Bid.DateTime <= b.Start + Window)
            .Select(b => new HighestBid(b.Bid.Auction, b.Bid.Price, b.Bid.Bidder, b.Bid.DateTime, b.Bid.Extra));
    }

    /// <summary>Who joined and opened an auction in the same window of 10 s.</summary>
    public static Table<NewSeller> Q8(NexmarkTables t)
    {
        var joined = t.Persons.Select(p => (p.Id, p.Name, Start: StartOf(p.DateTime))).Distinct();
        var sold = t.Auctions.Select(a => (a.Seller, Start: StartOf(a.DateTime))).Distinct();
        return joined.Join(sold, p => (p.Id, p.Start), a => (a.Seller, a.Start), (p, _) => new NewSeller(p.Id, p.Name, p.Start));
    }

    /// <summary>Bids of each bidder that lie at most 10 s apart.</summary>
    public static Table<BidSession> Q11(NexmarkTables t) => t.Bids
        .GroupBy(b => b.Bidder, b => b.DateTime)
        .Select(g => new ValueTuple<long, ValueList<Session>>(g.Key, g.Compute(times => SessionsOf(times))))
        .SelectMany(b => b.Item2, (b, session) => new BidSession(b.Item1, session.Count, session.First, session.Last + Window));

    /// <summary>Times that belong together.</summary>
    public readonly record struct Session(long First, long Last, long Count);

    private static long StartOf(long time) => time - (time % Window);

    private static IEnumerable<long> WindowsOf(long time)
    {
        var last = time - (time % Hop);
        for (var start = last; start > last - Window; start -= Hop) yield return start;
    }

    private static ValueList<Session> SessionsOf(IEnumerable<long> times)
    {
        var sessions = new List<Session>();
        foreach (var time in times)
        {
            if (sessions.Count > 0 && time - sessions[^1].Last <= Window) sessions[^1] = sessions[^1] with { Last = time, Count = sessions[^1].Count + 1 };
            else sessions.Add(new Session(time, time, 1));
        }

        return sessions.ToValueList();
    }
}
