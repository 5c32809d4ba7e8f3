namespace Pathway.Connectors.Debezium;

/// <summary>An interval as Postgres keeps it: months, days and time are three different things.</summary>
/// <param name="Months">Months and years.</param>
/// <param name="Days">Days.</param>
/// <param name="Micros">Hours, minutes, seconds, in microseconds.</param>
internal readonly record struct PgInterval(long Months, long Days, long Micros)
{
    private const long MicrosPerMonth = 2_629_800_000_000;       // a twelfth of 365.25 days

    /// <summary>Reads "1 year 2 mons -3 days +04:05:06.789" (IntervalStyle postgres).</summary>
    public static PgInterval Read(ReadOnlySpan<byte> text)
    {
        var rest = text;
        long months = 0, days = 0, micros = 0;
        while (!rest.IsEmpty)
        {
            PgTime.Take(ref rest, ' ');
            var negative = PgTime.Take(ref rest, '-');
            if (!negative) PgTime.Take(ref rest, '+');
            var number = PgTime.TakeNumber(ref rest);
            if (PgTime.Take(ref rest, ':'))
            {
                micros = Clock(number, ref rest);
                if (negative) micros = -micros;
                continue;
            }

            if (!PgTime.Take(ref rest, ' ')) throw PgTime.Unreadable(text);
            if (negative) number = -number;
            switch (TakeWord(ref rest))
            {
                case (byte)'y': months += number * 12; break;
                case (byte)'m': months += number; break;
                case (byte)'d': days += number; break;
                default: throw PgTime.Unreadable(text);
            }
        }

        return new PgInterval(months, days, micros);
    }

    /// <summary>Microseconds with 30.4375 days a month; false where they don't fit, then the nearest that does.</summary>
    public bool TryGetMicros(out long micros)
    {
        var exact = ((Int128)Months * MicrosPerMonth) + ((Int128)Days * PgTime.MicrosPerDay) + Micros;
        micros = exact > long.MaxValue ? long.MaxValue : exact < long.MinValue ? long.MinValue : (long)exact;
        return exact == micros;
    }

    /// <summary>Microseconds as Debezium computes them: in double precision, so that 1.13 s or 300 years may be off, and beyond 64 bit the largest or smallest number.</summary>
    public long MicrosInDoublePrecision
    {
        get
        {
            long minutes = Micros / 60_000_000, micros = Micros % 60_000_000;
            double seconds = (micros / 1_000_000) + ((micros % 1_000_000) / 1e6);
            var days = (Months * 30.4375) + Days;
            var total = (((((days * 24) + (minutes / 60)) * 60) + (minutes % 60)) * 60) + seconds;
            var product = total * 1e6;
            return product >= long.MaxValue ? long.MaxValue : product <= long.MinValue ? long.MinValue : (long)product;
        }
    }

    /// <summary>Writes P1Y2M3DT4H5M6.789S and returns the length.</summary>
    public int WriteIso(Span<byte> room)
    {
        var seconds = Micros % 60_000_000;
        var whole = FormattableString.Invariant($"P{Months / 12}Y{Months % 12}M{Days}DT{Micros / 3_600_000_000}H{Micros / 60_000_000 % 60}M{(decimal)seconds / 1_000_000:0.######}S");
        return System.Text.Encoding.ASCII.GetBytes(whole, room);
    }

    private static long Clock(long hours, ref ReadOnlySpan<byte> rest)
    {
        var minutes = PgTime.TakeNumber(ref rest);
        var seconds = PgTime.Take(ref rest, ':') ? PgTime.TakeNumber(ref rest) : 0;
        var micros = PgTime.Take(ref rest, '.') ? PgTime.TakeFraction(ref rest) : 0;
        return (((((hours * 60) + minutes) * 60) + seconds) * 1_000_000) + micros;
    }

    private static byte TakeWord(ref ReadOnlySpan<byte> rest)
    {
        var first = rest.IsEmpty ? (byte)0 : rest[0];
        var end = rest.IndexOf((byte)' ');
        rest = end < 0 ? default : rest[end..];
        return first;
    }
}
