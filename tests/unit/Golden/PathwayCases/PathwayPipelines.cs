using System.Globalization;

namespace Pathway.Tests.Unit.Golden.Cases;

/// <content>Whole pipelines. A tumbling window without behaviour is a group by the start of the window.</content>
internal static partial class PathwayOperations
{
    private sealed record Reading(string Sensor, double V);

    private sealed record LocalLine(string Date, string Message);

    private sealed record Point(double X, double Y);

    private sealed record Sale(long No, long Cust, long Amount);

    private sealed record RegionRow(long Cust, string Region);

    private sealed record Login(DateTime At, string User, string Ip, bool Ok);

    private sealed record Occurrence(string Topic, DateTime At);

    private sealed record Trade(string Sym, long T, double Px, long Qty);

    private sealed record Document(string Doc, string Text);

    private static Dictionary<string, Action<PathwayCase>> Pipelines() => new()
    {
        ["12-pipelines/alert-deduplication"] = c =>
        {
            var step = c.Real("step");
            c.Result(c.Table<Reading>("x").Deduplicate(r => r.Sensor, (now, last) => Math.Abs(now.V - last.V) > step).Select(r => new { r.Sensor, r.V, Hot = r.V > 25 }));
        },
        ["12-pipelines/etl-time-zones"] = c =>
        {
            var (a, b) = (TimeZoneInfo.FindSystemTimeZoneById(c.Text("zone_a")), TimeZoneInfo.FindSystemTimeZoneById(c.Text("zone_b")));
            c.Result(c.Table<LocalLine>("a").Select(l => Normalized(l, a)).Concat(c.Table<LocalLine>("b").Select(l => Normalized(l, b))));
        },
        ["12-pipelines/gaussian-filter-out-of-order"] = c =>
        {
            var (samples, sigma) = (c.Table<Sample>("x"), c.Number("sigma"));
            c.Result((from p in samples join s in samples on true equals true where Math.Abs(s.T - p.T) <= 3 * sigma select new { P = p.T, s.T, s.V })
                .GroupBy(s => s.P).Select(g => new { P = g.Key, S = g.Compute(rows => Math.Round(rows.Sum(r => Weight(r.T - r.P, sigma) * r.V) / rows.Sum(r => Weight(r.T - r.P, sigma)), 6)) }));
        },
        ["12-pipelines/suspicious-logins-then-success"] = c =>
        {
            var (length, limit, (good, bad)) = (c.Duration("d"), c.Number("limit"), c.Table<Login>("logins").Split(l => l.Ok));
            c.Result((from g in good.Named("good") join b in bad on g.User equals b.User where b.At <= g.At && b.At >= g.At - length select new { g.At, g.User, g.Ip })
                .GroupBy(l => l).Select(g => new { g.Key.At, g.Key.User, g.Key.Ip, N = g.Count() })
                .Where(l => l.N >= limit));
        },
        ["12-pipelines/linear-regression"] = c => c.Result(c.Table<Point>("p")
            .Aggregate(all => new { N = all.Count(), X = all.Sum(p => p.X), Y = all.Sum(p => p.Y), Xy = all.Sum(p => p.X * p.Y), Xx = all.Sum(p => p.X * p.X) })
            .Select(s => new { s.N, Ab = Fit(s.N, s.X, s.Y, s.Xy, s.Xx) })),
        ["12-pipelines/revenue-by-region"] = c => c.Result(c.Table<Sale>("orders")
            .LeftJoin(c.Table<RegionRow>("customers"), o => o.Cust, k => k.Cust, (o, k) => new { Region = k?.Region ?? "none", o.Amount })
            .GroupBy(o => o.Region).Select(g => new { Region = g.Key, Total = g.Sum(o => o.Amount) })
            .Aggregate(all => new { Best = all.MaxBy(r => r.Total).Region, Top = all.Max(r => r.Total), Regions = all.Count() })),
        ["12-pipelines/suspicious-logins"] = c =>
        {
            var (length, limit) = (c.Duration("d"), c.Number("limit"));
            c.Result(c.Table<Login>("logins").Where(l => !l.Ok)
                .GroupBy(l => new { Who = l.User + "@" + l.Ip, Start = WindowStart(l.At, length) })
                .Select(g => new { g.Key.Who, g.Key.Start, N = g.Count(), First = g.Min(l => l.At), Last = g.Max(l => l.At) })
                .Where(w => w.N >= limit));
        },
        ["12-pipelines/time-between-occurrences"] = c => c.Result(c.Table<Occurrence>("ev")
            .Diff(e => e.Topic, e => e.At, (before, e) => new { e.Topic, Gap = e.At - before?.At })
            .Where(e => e.Gap is not null)
            .GroupBy(e => e.Topic).Select(g => new { Topic = g.Key, N = g.Count(), Longest = g.Max(e => e.Gap), Shortest = g.Min(e => e.Gap) })),
        ["12-pipelines/vwap-per-minute"] = c =>
        {
            var length = c.Number("d");
            c.Result(c.Table<Trade>("trades")
                .GroupBy(t => new { t.Sym, Lo = t.T - Mod(t.T, length) })
                .Select(g => new { g.Key.Sym, g.Key.Lo, Vwap = Math.Round(g.Sum(t => t.Px * t.Qty) / g.Sum(t => t.Qty), 6) })
                .Diff(v => v.Sym, v => v.Lo, (before, v) => new { v.Sym, v.Lo, v.Vwap, Change = before is null ? (double?)null : Math.Round(v.Vwap - before.Vwap, 6) }));
        },
        ["12-pipelines/word-count-documents"] = c => c.Result(
            from d in c.Table<Document>("docs")
            from w in d.Text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            group w by w into g
            select new { W = g.Key, N = g.Count() }),
    };

    private static Normal Normalized(LocalLine line, TimeZoneInfo zone)
    {
        var local = DateTime.ParseExact(line.Date, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        // A time in the gap of spring is the first one behind it.
        while (zone.IsInvalidTime(local)) local = new DateTime(local.Ticks - (local.Ticks % TimeSpan.TicksPerMinute) + TimeSpan.TicksPerMinute);
        var utc = TimeZoneInfo.ConvertTimeToUtc(local, zone);
        return new Normal(new DateTimeOffset(utc).ToUnixTimeMilliseconds(), utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), line.Message);
    }

    private static Core.ValueList<double>? Fit(long n, double x, double y, double xy, double xx)
    {
        var d = (n * xx) - (x * x);
        if (Math.Abs(d) < 1e-9) return null;
        var slope = ((n * xy) - (x * y)) / d;
        return [Math.Round(slope, 6), Math.Round((y - (slope * x)) / n, 6)];
    }

    // Windows over times are aligned to Monday 1973-01-01, as the original's.
    private static DateTime WindowStart(DateTime at, TimeSpan length) => new DateTime(1973, 1, 1, 0, 0, 0, at.Kind).AddTicks(at.Ticks - new DateTime(1973, 1, 1).Ticks - Mod(at.Ticks - new DateTime(1973, 1, 1).Ticks, length.Ticks));

    private static double Weight(long distance, long sigma) => Math.Exp(-(double)(distance * distance) / (2 * sigma * sigma));

    private sealed record Sample(long T, double V);

    private sealed record Normal(long Ms, string Text, string Message);
}
