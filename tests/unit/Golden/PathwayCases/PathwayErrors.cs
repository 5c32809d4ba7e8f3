using Pathway.Core;

namespace Pathway.Tests.Unit.Golden.Cases;

/// <content>Errors: the original's error in a cell is an <see cref="Attempt{TValue}"/>.</content>
internal static partial class PathwayOperations
{
    private sealed record Fraction(long No, string G, long A, long B);

    private sealed record TimedFraction(long No, long T, long A, long B);

    private sealed record NoKeyValue(long No, long K, long V);

    private sealed record NoKey(long No, long K);

    private sealed record KeyName(long K, string Name);

    private sealed record GroupName(string G, string Name);

    private sealed record NoA(long No, long A);

    private sealed record NoNullable(long No, long? V);

    private sealed record Quotient(long No, string G, Attempt<long> R);

    private static Dictionary<string, Action<PathwayCase>> Errors() => new()
    {
        ["10-errors/duplicate-key-rekey"] = c => c.Result(c.Table<NoKeyValue>("x").WithKey(r => r.K)),
        ["10-errors/error-in-error-out"] = c => c.Result(c.Table<Fraction>("x").Try(r => Floor(r.A, r.B), (r, q) => new
        {
            r.No, S = q.Then(v => v + 1), T = r.B == 0 ? 0 : q.Or(0), U = q, V = q.Then(_ => 1L),
        })),
        ["10-errors/filter-condition-error"] = c => c.Result(c.Table<Fraction>("x").Where(r => Floor(r.A, r.B) >= 1)),
        ["10-errors/global-reduce-error"] = c => c.Result(Quotients(c)
            .Aggregate(all => new { S = all.Sum(r => r.R.Or(0)), Z = all.Sum(r => r.R.Or(0)), N = all.Count(), Right = all.Count(r => r.R.Succeeded) }).Where(s => s.Right > 0)),
        ["10-errors/groupby-key-error"] = c => c.Result(c.Table<Fraction>("x").GroupBy(r => Floor(r.A, r.B)).Select(g => new { K = g.Key, N = g.Count(), S = g.Sum(r => r.A) })),
        ["10-errors/ix-missing-key"] = c => c.Result(c.Table<NoKey>("x").Lookup(c.Table<KeyName>("d").WithKey(d => d.K), r => r.K, (r, d) => new { r.No, Name = d?.Name ?? "?" })),
        ["10-errors/join-key-error"] = c => c.Result(Quotients(c).LeftJoin(
            c.Table<KeyName>("names"), r => new { K = r.R.Succeeded ? r.R.Value : (long?)null }, n => new { K = (long?)n.K }, (r, n) => new { r.No, K = r.R, n?.Name })),
        ["10-errors/join-value-error"] = c => c.Result(from r in Quotients(c) join n in c.Table<GroupName>("names") on r.G equals n.G select new { r.No, r.R, n.Name }),
        ["10-errors/reducer-count-only"] = c => c.Result(Quotients(c).GroupBy(r => r.G).Select(g => new { G = g.Key, N = g.Count() })),
        ["10-errors/reducer-sum-error"] = c => c.Result(Quotients(c)
            .GroupBy(r => r.G).Select(g => new { G = g.Key, N = g.Count(), S = g.Sum(r => r.R.Or(0)), Right = g.Count(r => r.R.Succeeded) }).Where(s => s.Right > 0)),
        ["10-errors/reducer-tuple-error"] = c => c.Result(Quotients(c)
            .GroupBy(r => r.G).Select(g => new { G = g.Key, T = g.ToList(r => r.No, r => r.R).Where(r => r.Succeeded).Select(r => r.Value).ToValueList(), E = g.Count() }).Where(s => s.T.Count > 0)),
        ["10-errors/reducers-all-error"] = c => c.Result(Quotients(c).Where(r => r.R.Succeeded).GroupBy(r => r.G).Select(g => new
        {
            G = g.Key, Mn = g.Min(r => r.R.Value), Mx = g.Max(r => r.R.Value), Av = g.Average(r => r.R.Value), St = g.ToSortedList(r => r.R.Value), Cd = g.CountDistinct(r => r.R.Value),
        })),
        ["10-errors/remove-errors"] = c => c.Result(c.Table<Fraction>("x").Select(r => new { r.No, R = Floor(r.A, r.B) })),
        ["10-errors/select-division"] = c => c.Result(Quotients(c)),
        ["10-errors/select-fill-error"] = c => c.Result(Quotients(c).Select(r => new { r.No, R = r.R.Or(-1) })),
        ["10-errors/terminate-default-handled"] = c => c.Result(Quotients(c).Select(r => new { r.No, R = r.R.Or(-1) })),
        ["10-errors/terminate-default"] = c => c.Result(c.Table<Fraction>("x").Select(r => new { r.No, R = Floor(r.A, r.B) })),
        ["10-errors/udf-exception"] = c => c.Result(c.Table<NoA>("x").Try(r => r.A < 0 ? throw new ArgumentException("negative") : r.A * 2, (r, twice) => new { r.No, R = twice })),
        ["10-errors/unwrap-null"] = c => c.Result(c.Table<NoNullable>("x").Try(r => r.V!.Value, (r, v) => new { r.No, R = v.Or(-1) })),
        ["10-errors/window-with-errors"] = c => c.Result(c.Table<TimedFraction>("x")
            .Try(r => Floor(r.A, r.B), (r, q) => new { Lo = r.T - Mod(r.T, 5), R = q })
            .GroupBy(r => r.Lo).Select(g => new { Lo = g.Key, N = g.Count(), S = g.Sum(r => r.R.Or(0)), Right = g.Count(r => r.R.Succeeded) }).Where(s => s.Right > 0)),
    };

    private static Table<Quotient> Quotients(PathwayCase c) => c.Table<Fraction>("x").Try(r => Floor(r.A, r.B), (r, q) => new Quotient(r.No, r.G, q));

    /// <summary>The quotient, rounded down.</summary>
    private static long Floor(long value, long divisor) => (value / divisor) - (value % divisor != 0 && value < 0 != divisor < 0 ? 1 : 0);
}
