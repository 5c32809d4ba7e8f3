using System.Text.Json;
using Pathway.Nexmark;

namespace Pathway.Benchmarks;

/// <summary>The events of Nexmark from their lines, by hand.</summary>
internal static class BareEvents
{
    public static Bid Bid(ReadOnlySpan<byte> line, bool withUrl = true, bool withText = true)
    {
        var (auction, bidder, price, time, channel, url, extra) = (0L, 0L, 0L, 0L, "", "", "");
        var json = new Utf8JsonReader(line);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("auction"u8)) auction = Number(ref json);
            else if (json.ValueTextEquals("bidder"u8)) bidder = Number(ref json);
            else if (json.ValueTextEquals("price"u8)) price = Number(ref json);
            else if (json.ValueTextEquals("dateTime"u8)) time = Number(ref json);
            else if (withUrl && json.ValueTextEquals("channel"u8)) channel = Text(ref json);
            else if (withUrl && json.ValueTextEquals("url"u8)) url = Text(ref json);
            else if (withText && json.ValueTextEquals("extra"u8)) extra = Text(ref json);
            else json.Read();
        }

        return new Bid(auction, bidder, price, channel, url, time, extra);
    }

    public static (long Id, string Name, string City, string State) Person(ReadOnlySpan<byte> line)
    {
        var (id, name, city, state) = (0L, "", "", "");
        var json = new Utf8JsonReader(line);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("id"u8)) id = Number(ref json);
            else if (json.ValueTextEquals("name"u8)) name = Text(ref json);
            else if (json.ValueTextEquals("city"u8)) city = Text(ref json);
            else if (json.ValueTextEquals("state"u8)) state = Text(ref json);
            else json.Read();
        }

        return (id, name, city, state);
    }

    public static (long Id, long Seller, long Category, long DateTime, long Expires) Auction(ReadOnlySpan<byte> line)
    {
        var (id, seller, category, time, expires) = (0L, 0L, 0L, 0L, 0L);
        var json = new Utf8JsonReader(line);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("id"u8)) id = Number(ref json);
            else if (json.ValueTextEquals("seller"u8)) seller = Number(ref json);
            else if (json.ValueTextEquals("category"u8)) category = Number(ref json);
            else if (json.ValueTextEquals("dateTime"u8)) time = Number(ref json);
            else if (json.ValueTextEquals("expires"u8)) expires = Number(ref json);
            else json.Read();
        }

        return (id, seller, category, time, expires);
    }

    private static long Number(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetInt64();
    }

    private static string Text(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetString()!;
    }
}
