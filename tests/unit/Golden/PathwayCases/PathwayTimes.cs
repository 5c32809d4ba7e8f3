using System.Globalization;
using Pathway.Core;

namespace Pathway.Tests.Unit.Golden.Cases;

/// <content>Expressions over dates, times and durations: those of .NET, in units of 100 ns.</content>
internal static partial class PathwayOperations
{
    private static readonly CultureInfo TwoDigitYears = YearsUntil(2069);

    private sealed record OneD(DateTime D);

    private sealed record TimeAndSpan(DateTime D, TimeSpan U);

    private sealed record TwoTimes(DateTime A, DateTime B);

    private sealed record OneI(long I);

    private sealed record OneA(string A);

    private sealed record Timestamps(string A, string B, string C, string Z);

    private static Dictionary<string, Action<PathwayCase>> Times() => new()
    {
        ["09-expressions/dt-arithmetic-in-timezone"] = c =>
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(c.Text("zone"));
            c.Result(c.Table<OneD>("x").Select(r => new
            {
                r.D, P = ToLocal(ToUtc(r.D, zone).AddHours(2), zone), M = ToLocal(ToUtc(r.D, zone).AddHours(-2), zone), Df = ToUtc(r.D, zone) - ToUtc(new DateTime(2024, 3, 30, 12, 0, 0), zone),
            }));
        },
        ["09-expressions/dt-compare-add"] = c => c.Result(c.Table<TimeAndSpan>("x").Select(r => new { P = r.D + r.U, M = r.D - r.U, Lt = r.D < r.D + r.U, Mx = r.U > TimeSpan.Zero ? r.D + r.U : r.D })),
        ["09-expressions/dt-duration-arithmetic"] = c =>
        {
            var five = TimeSpan.FromHours(5);
            c.Result(c.Table<TwoTimes>("x").Select(r => r.A - r.B).Select(g => new
            {
                G = g, Dbl = g * 2, Half = g / 2, Hq = new TimeSpan(Floor(g.Ticks, 2)), Q = Floor(g.Ticks, five.Ticks), R = new TimeSpan(FloorModulo(g.Ticks, five.Ticks)), T = g / TimeSpan.FromHours(1),
                H = (long)g.TotalHours, Mi = (long)g.TotalMinutes, D = g.Days, W = g.Days / 7, S = (long)g.TotalSeconds, Neg = -g, Lt = g < TimeSpan.Zero,
            }));
        },
        ["09-expressions/dt-parts"] = c => c.Result(c.Table<OneD>("x").Select(r => new
        {
            r.D, Y = r.D.Year, Mo = r.D.Month, Da = r.D.Day, H = r.D.Hour, Mi = r.D.Minute, Se = r.D.Second, Ms = r.D.Millisecond,
            Us = r.D.Ticks % TimeSpan.TicksPerSecond / 10, Ns = r.D.Ticks % TimeSpan.TicksPerSecond * 100, Wd = ((int)r.D.DayOfWeek + 6) % 7,
        })),
        ["09-expressions/dt-round-floor"] = c =>
        {
            var (hour, seven, day, second) = (TimeSpan.FromHours(1), TimeSpan.FromMinutes(7), TimeSpan.FromDays(1), TimeSpan.FromSeconds(1));
            c.Result(c.Table<OneD>("x").Select(r => new
            {
                r.D, Fh = Down(r.D, hour), Rh = Down(r.D + (hour / 2), hour), F7 = Down(r.D, seven), R7 = Down(r.D + (seven / 2), seven), Fd = Down(r.D, day), Rd = Down(r.D + (day / 2), day), Rs = Down(r.D + (second / 2), second),
            }));
        },
        ["09-expressions/dt-strftime"] = c => c.Result(c.Table<OneD>("x").Select(r => new
        {
            A = r.D.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), B = r.D.ToString("dd.MM.yy hh:mm tt", CultureInfo.InvariantCulture),
            C = $"{r.D.ToString("ddd dddd MMM MMMM", CultureInfo.InvariantCulture)} {r.D.DayOfYear:000}", D = r.D.ToString("HH:mm:ss.fffffff", CultureInfo.InvariantCulture) + "00",
            E = $"{r.D:fff}|{r.D:ffffff}|{r.D:fffffff}00", U = $"{ISOWeek.GetWeekOfYear(r.D):00} {ISOWeek.GetYear(r.D)}",
        })),
        ["09-expressions/dt-strptime"] = c => c.Result(c.Table<Timestamps>("x").Select(r => new
        {
            A = DateTime.ParseExact(r.A, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), B = DateTime.ParseExact(r.B, "dd/MM/yy hh:mm:ss tt", TwoDigitYears),
            C = DateTime.Parse(r.C, CultureInfo.InvariantCulture), Z = DateTimeOffset.ParseExact(r.Z, ["yyyy-MM-dd HH:mm:sszzz", "yyyy-MM-dd HH:mm:sszz00"], CultureInfo.InvariantCulture).UtcDateTime,
        })),
        ["09-expressions/dt-strptime-failures"] = c => c.Result(c.Table<OneA>("x").Select(r => new
        {
            r.A, R = Attempt.Of(() => DateTime.ParseExact(r.A, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)).Or(DateTime.UnixEpoch),
            Z = Attempt.Of(() => DateTimeOffset.ParseExact(r.A, "yyyy-MM-dd HH:mm:sszzz", CultureInfo.InvariantCulture).UtcDateTime).Or(DateTime.UnixEpoch),
        })),
        ["09-expressions/dt-timestamp"] = c => c.Result(c.Table<OneD>("x").Select(r => new { r.D, Since = r.D - DateTime.UnixEpoch }).Select(r => new
        {
            r.D, Ns = r.Since.Ticks * 100.0, Us = r.Since.TotalMicroseconds, Ms = r.Since.TotalMilliseconds, S = r.Since.TotalSeconds,
            Back = DateTime.UnixEpoch + r.Since, Utc = DateTime.UnixEpoch + r.Since,
        })),
        ["09-expressions/dt-to-duration"] = c => c.Result(c.Table<OneI>("x").Select(r => new
        {
            S = TimeSpan.FromSeconds(r.I), Ms = TimeSpan.FromMilliseconds(r.I), Ns = new TimeSpan(r.I / 100), H = TimeSpan.FromHours(r.I), D = TimeSpan.FromDays(r.I), W = TimeSpan.FromDays(7 * r.I),
        })),
        ["09-expressions/dt-to-naive-dst"] = c =>
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(c.Text("zone"));
            var kathmandu = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu");
            c.Result(c.Table<OneD>("x").Select(r => new { r.D, P = ToLocal(r.D, zone), K = ToLocal(r.D, kathmandu) }));
        },
        ["09-expressions/dt-to-utc-dst"] = c =>
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(c.Text("zone"));
            c.Result(c.Table<OneD>("x").Select(r => new { r.D, U = ToUtc(r.D, zone) }));
        },
    };

    /// <summary>A local time in the gap of spring is the first one behind it; one that is there twice is the later one.</summary>
    private static DateTime ToUtc(DateTime local, TimeZoneInfo zone)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(local)) local = new DateTime(local.Ticks - (local.Ticks % TimeSpan.TicksPerMinute) + TimeSpan.TicksPerMinute);
        return TimeZoneInfo.ConvertTimeToUtc(local, zone);
    }

    private static DateTime ToLocal(DateTime utc, TimeZoneInfo zone) => TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), zone);

    /// <summary>The last multiple of the unit since 1970 that isn't behind the time.</summary>
    private static DateTime Down(DateTime at, TimeSpan unit) => at - new TimeSpan(FloorModulo((at - DateTime.UnixEpoch).Ticks, unit.Ticks));

    private static CultureInfo YearsUntil(int last)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.DateTimeFormat.Calendar.TwoDigitYearMax = last;
        return culture;
    }
}
