using System.Runtime.InteropServices;
using System.Text.Json;
using Pathway.Nexmark;

namespace Pathway.Benchmarks;

/// <summary>What a query computes, as a loop written by hand: lines from a buffer, <see cref="Utf8JsonReader"/>, dictionaries, a buffered file. Nothing is durable, and only q0 and q3 write before the end.</summary>
internal static class NexmarkBareLoops
{
    /// <summary>The loops by query: from a file of events to a file of results.</summary>
    public static IReadOnlyDictionary<string, Action<string, string>> All { get; } = new Dictionary<string, Action<string, string>>
    {
        ["q0"] = Q0, ["q3"] = Q3, ["q4"] = Q4, ["q18"] = Q18,
    };

    private static void Q0(string events, string path)
    {
        using var output = new BareOutput(path);
        foreach (var line in new BareLines(events))
        {
            if (!line.Span.StartsWith("{\"type\":\"bid\""u8)) continue;
            var b = BareEvents.Bid(line.Span, withUrl: false);
            output.Begin();
            output.Write("auction", b.Auction);
            output.Write("bidder", b.Bidder);
            output.Write("price", b.Price);
            output.Write("dateTime", b.DateTime);
            output.Write("extra", b.Extra);
            output.End();
        }
    }

    private static void Q3(string events, string path)
    {
        using var output = new BareOutput(path);
        var (sellers, items) = (new Dictionary<long, (string Name, string City, string State)>(), new Dictionary<long, List<long>>());
        foreach (var line in new BareLines(events))
        {
            if (line.Span.StartsWith("{\"type\":\"person\""u8))
            {
                var p = BareEvents.Person(line.Span);
                if (p.State is not ("OR" or "ID" or "CA")) continue;
                sellers[p.Id] = (p.Name, p.City, p.State);
                if (!items.TryGetValue(p.Id, out var sold)) continue;
                foreach (var id in sold) Write(output, (p.Name, p.City, p.State), id);
            }
            else if (line.Span.StartsWith("{\"type\":\"auction\""u8))
            {
                var a = BareEvents.Auction(line.Span);
                if (a.Category != 10) continue;
                (CollectionsMarshal.GetValueRefOrAddDefault(items, a.Seller, out _) ??= []).Add(a.Id);
                if (sellers.TryGetValue(a.Seller, out var seller)) Write(output, seller, a.Id);
            }
        }

        static void Write(BareOutput output, (string Name, string City, string State) seller, long id)
        {
            output.Begin();
            output.Write("name", seller.Name);
            output.Write("city", seller.City);
            output.Write("state", seller.State);
            output.Write("id", id);
            output.End();
        }
    }

    private static void Q4(string events, string path)
    {
        var (items, early) = (new Dictionary<long, Item>(), new Dictionary<long, List<(long Price, long DateTime)>>());
        var categories = new Dictionary<long, (long Sum, long Count)>();
        foreach (var line in new BareLines(events))
        {
            if (line.Span.StartsWith("{\"type\":\"bid\""u8))
            {
                var b = BareEvents.Bid(line.Span, withUrl: false, withText: false);
                if (items.TryGetValue(b.Auction, out var item)) Offer(item, b.Price, b.DateTime);
                else (CollectionsMarshal.GetValueRefOrAddDefault(early, b.Auction, out _) ??= []).Add((b.Price, b.DateTime));
            }
            else if (line.Span.StartsWith("{\"type\":\"auction\""u8))
            {
                var a = BareEvents.Auction(line.Span);
                var item = items[a.Id] = new Item { Category = a.Category, Begins = a.DateTime, Ends = a.Expires };
                if (!early.Remove(a.Id, out var offers)) continue;
                foreach (var (price, at) in offers) Offer(item, price, at);
            }
        }

        using var output = new BareOutput(path);
        foreach (var (category, (sum, count)) in categories)
        {
            output.Begin();
            output.Write("category", category);
            output.Write("average", sum / count);
            output.End();
        }

        void Offer(Item item, long price, long at)
        {
            if (at < item.Begins || at > item.Ends || price <= item.Highest) return;
            ref var category = ref CollectionsMarshal.GetValueRefOrAddDefault(categories, item.Category, out _);
            if (item.Highest == 0) category.Count++;
            category.Sum += price - item.Highest;
            item.Highest = price;
        }
    }

    private static void Q18(string events, string path)
    {
        var last = new Dictionary<(long Bidder, long Auction), Bid>();
        foreach (var line in new BareLines(events))
        {
            if (!line.Span.StartsWith("{\"type\":\"bid\""u8)) continue;
            var b = BareEvents.Bid(line.Span);
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(last, (b.Bidder, b.Auction), out _);
            if (known is null || b.DateTime >= known.DateTime) known = b;
        }

        using var output = new BareOutput(path);
        foreach (var b in last.Values)
        {
            output.Begin();
            output.Write("auction", b.Auction);
            output.Write("bidder", b.Bidder);
            output.Write("price", b.Price);
            output.Write("channel", b.Channel);
            output.Write("url", b.Url);
            output.Write("dateTime", b.DateTime);
            output.Write("extra", b.Extra);
            output.End();
        }
    }

    private sealed class Item
    {
        public long Category { get; init; }

        public long Begins { get; init; }

        public long Ends { get; init; }

        public long Highest { get; set; }
    }
}
