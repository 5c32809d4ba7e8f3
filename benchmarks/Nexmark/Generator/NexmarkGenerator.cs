using System.Numerics;

namespace Pathway.Nexmark.Generator;

/// <summary>Which events are made. Each is a function of the seed and its number, so that equal settings give equal bytes.</summary>
/// <param name="Seed">Of the random numbers.</param>
/// <param name="Events">How many.</param>
/// <param name="Rate">Events in a second of event time.</param>
/// <param name="Base">The time of event 0, in milliseconds since 1970.</param>
/// <param name="Disorder">Lines are out of order within groups of so many; 1 for none.</param>
public sealed record NexmarkSettings(ulong Seed, long Events, long Rate, long Base, int Disorder)
{
    /// <summary>What is usual for measurements.</summary>
    public static NexmarkSettings Usual(long events) => new(1, events, 10_000, 1_704_067_200_000, 1);
}

/// <summary>Makes the events of the auction site: of 50 one person, three auctions, 46 bids.</summary>
public sealed class NexmarkGenerator(NexmarkSettings settings)
{
    private static readonly string[] FirstNames = ["Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"];
    private static readonly string[] LastNames = ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"];
    private static readonly string[] Cities = ["Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"];
    private static readonly string[] States = ["AZ", "CA", "ID", "OR", "WA", "WY"];
    private static readonly string[] HotChannels = ["Google", "Facebook", "Baidu", "Apple"];
    private readonly EventLine _line = new();
    private readonly Dictionary<long, byte[]> _urls = [];

    /// <summary>Writes all lines to <paramref name="output"/>.</summary>
    public void WriteTo(Stream output)
    {
        using var buffered = new BufferedStream(output, 1 << 18);
        for (long line = 0; line < settings.Events; line++) buffered.Write(Line(line));
    }

    /// <summary>Line <paramref name="line"/>, with its end; valid until the next call.</summary>
    public ReadOnlySpan<byte> Line(long line)
    {
        var group = line / settings.Disorder * settings.Disorder;
        var number = settings.Disorder == 1 || group + settings.Disorder > settings.Events ? line : group + ((line % settings.Disorder) * 953 % settings.Disorder);
        var random = new EventRandom(settings.Seed, number);
        _line.Clear();
        switch (number % 50)
        {
            case 0: WritePerson(number, random); break;
            case <= 3: WriteAuction(number, random); break;
            default: WriteBid(number, random); break;
        }

        _line.Add("\"}\n"u8);
        return _line.Bytes;
    }

    private void WritePerson(long number, EventRandom random)
    {
        _line.Add("{\"type\":\"person\",\"id\":"u8);
        _line.Add(1000 + LastPerson(number));
        _line.Add(",\"name\":\""u8);
        var begin = _line.Length;
        _line.Add(FirstNames[random.Below(11)]);
        _line.Add(" "u8);
        _line.Add(LastNames[random.Below(9)]);
        var size = 8 + _line.Length - begin;
        _line.Add("\",\"emailAddress\":\""u8);
        begin = _line.Length;
        _line.AddWord(ref random, 7, '_');
        _line.Add("@"u8);
        _line.AddWord(ref random, 5, '_');
        _line.Add(".example"u8);
        size += _line.Length - begin;
        _line.Add("\",\"creditCard\":\""u8);
        for (var i = 0; i < 4; i++)
        {
            if (i > 0) _line.Add(" "u8);
            _line.Add(random.Below(10_000), "D4");
        }

        var (city, state) = (Cities[random.Below(10)], States[random.Below(6)]);
        size += 19 + city.Length + state.Length;
        _line.Add("\",\"city\":\""u8);
        _line.Add(city);
        _line.Add("\",\"state\":\""u8);
        _line.Add(state);
        _line.Add("\",\"dateTime\":"u8);
        _line.Add(TimeOf(number));
        _line.Add(",\"extra\":\""u8);
        _line.AddExtra(ref random, size, 200);
    }

    private void WriteAuction(long number, EventRandom random)
    {
        var seller = 1000 + (random.Below(4) > 0 ? LastPerson(number) / 100 * 100 : AnyPerson(number, ref random));
        var category = 10 + random.Below(5);
        var initialBid = random.Price();
        var expires = TimeOf(number) + 1 + random.Below(Math.Max(2 * (TimeOf(number + 1666) - TimeOf(number)), 1));
        var reserve = initialBid + random.Price();
        _line.Add("{\"type\":\"auction\",\"id\":"u8);
        _line.Add(1000 + LastAuction(number));
        _line.Add(",\"itemName\":\""u8);
        var begin = _line.Length;
        _line.AddWord(ref random, 20, ' ');
        var size = 48 + _line.Length - begin;
        _line.Add("\",\"description\":\""u8);
        begin = _line.Length;
        _line.AddWord(ref random, 100, ' ');
        size += _line.Length - begin;
        _line.Add("\",\"initialBid\":"u8);
        _line.Add(initialBid);
        _line.Add(",\"reserve\":"u8);
        _line.Add(reserve);
        _line.Add(",\"dateTime\":"u8);
        _line.Add(TimeOf(number));
        _line.Add(",\"expires\":"u8);
        _line.Add(expires);
        _line.Add(",\"seller\":"u8);
        _line.Add(seller);
        _line.Add(",\"category\":"u8);
        _line.Add(category);
        _line.Add(",\"extra\":\""u8);
        _line.AddExtra(ref random, size, 500);
    }

    private void WriteBid(long number, EventRandom random)
    {
        var auction = 1000 + (random.Below(2) > 0 ? LastAuction(number) / 100 * 100 : AnyAuction(number, ref random));
        var bidder = 1000 + (random.Below(4) > 0 ? (LastPerson(number) / 100 * 100) + 1 : AnyPerson(number, ref random));
        var price = random.Price();
        var hot = random.Below(2) > 0;
        var channel = random.Below(hot ? 4 : 10_000);
        _line.Add("{\"type\":\"bid\",\"auction\":"u8);
        _line.Add(auction);
        _line.Add(",\"bidder\":"u8);
        _line.Add(bidder);
        _line.Add(",\"price\":"u8);
        _line.Add(price);
        _line.Add(",\"channel\":\""u8);
        if (hot)
        {
            _line.Add(HotChannels[channel]);
        }
        else
        {
            _line.Add("channel-"u8);
            _line.Add(channel);
        }

        _line.Add("\",\"url\":\""u8);
        _line.Add(UrlOf(channel, hot));
        _line.Add("\",\"dateTime\":"u8);
        _line.Add(TimeOf(number));
        _line.Add(",\"extra\":\""u8);
        _line.AddExtra(ref random, 32, 100);
    }

    private byte[] UrlOf(long channel, bool hot)
    {
        var stream = -(hot ? 20_002 + channel : 2 + channel);
        if (_urls.TryGetValue(stream, out var known)) return known;
        var (random, url) = (new EventRandom(settings.Seed, stream), new EventLine());
        url.Add("https://www.nexmark.com/"u8);
        for (var i = 0; i < 3; i++)
        {
            url.AddWord(ref random, 5, '_');
            url.Add("/"u8);
        }

        url.Add("item.htm?query=1"u8);
        if (!hot && random.Below(10) > 0)
        {
            url.Add("&channel_id="u8);
            url.Add(Reversed((uint)channel) >> 1);
        }

        return _urls[stream] = url.Bytes.ToArray();
    }

    private long TimeOf(long number) => settings.Base + (number * 1000 / settings.Rate);

    private static long LastPerson(long number) => number / 50;

    private static long LastAuction(long number) => number % 50 == 0 ? (number / 50 * 3) - 1 : (number / 50 * 3) + Math.Min((number % 50) - 1, 2);

    private static long AnyPerson(long number, ref EventRandom random)
    {
        var people = LastPerson(number) + 1;
        var active = Math.Min(people, 1000);
        return people - active + random.Below(active + 10);
    }

    private static long AnyAuction(long number, ref EventRandom random)
    {
        var last = LastAuction(number);
        var least = Math.Max(last - 100, 0);
        return least + random.Below(last - least + 11);
    }

    private static uint Reversed(uint value)
    {
        uint reversed = 0;
        for (; value != 0; value &= value - 1) reversed |= 0x8000_0000u >> BitOperations.TrailingZeroCount(value);
        return reversed;
    }
}
