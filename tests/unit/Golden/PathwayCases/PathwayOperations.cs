using System.Text.Json;
using Pathway.Core;

namespace Pathway.Tests.Unit.Golden.Cases;

/// <summary>The operations of the recorded cases in C#, by area and name.</summary>
internal static partial class PathwayOperations
{
    /// <summary>All operations that are written.</summary>
    public static IReadOnlyDictionary<string, Action<PathwayCase>> All { get; } = Tables().Concat(Joins(static k => k)).Concat(Groups()).Concat(Orders()).Concat(Pipelines()).Concat(Errors()).Concat(Iterations()).Concat(Expressions()).Concat(Texts()).Concat(Times()).ToDictionary();

    /// <summary>How the result of the original is had, where the plain operation gives another: a null that is to match is made a value.</summary>
    public static IReadOnlyDictionary<string, Action<PathwayCase>> AsOriginal { get; } = new Dictionary<string, Action<PathwayCase>>(Joins(static k => k ?? "\0"))
    {
        ["10-errors/duplicate-key-rekey"] = c => c.Result(c.Table<NoKeyValue>("x").Select(r => new { r.K, r.V })),
        ["03-groupby/min-max-nullable"] = c => c.Result(c.Table<NullableRow>("t").GroupBy(r => new { r.G }).Select(g => new { g.Key.G, Lo = g.ToSortedList(r => r.V)[0], Hi = g.Max(r => r.V) })),
    };

    private sealed record NoV(long No, long V);

    private sealed record OrderLine(long No, string? Item, long Qty, double Price);

    private sealed record KV(string K, long V);

    private sealed record Coded(string Code, long V);

    private static Dictionary<string, Action<PathwayCase>> Tables() => new()
    {
        ["01-tables/concat-promised-disjoint"] = c => c.Result(c.Table<NoV>("a").Where(r => r.No < 3).Concat(c.Table<NoV>("b").Where(r => r.No >= 3))),
        ["01-tables/concat-reindex"] = c => c.Result(c.Table<NoV>("a").Concat(c.Table<NoV>("b"))),
        ["01-tables/difference"] = c => c.Result(ByNo(c, "a").WithoutKeysOf(ByNo(c, "b"))),
        ["01-tables/intersect"] = c => c.Result(ByNo(c, "a").RestrictToKeysOf(ByNo(c, "b"))),
        ["01-tables/update-rows"] = c => c.Result(ByNo(c, "a").UpdateRows(ByNo(c, "b"))),
        ["01-tables/update-cells"] = c => c.Result(ByNo(c, "a").UpdateCells(ByNo(c, "b"), (a, b) => a with { V = b.V })),
        ["01-tables/restrict"] = c =>
        {
            var limit = c.Number("limit");
            var a = ByNo(c, "a");
            c.Result(a.Zip(a.Where(r => r.V > limit).Select(r => -r.V), (r, w) => new { r.V, W = w }));
        },
        ["01-tables/with-id-from-rekey"] = c => c.Result(c.Table<Coded>("t").WithKey(r => r.Code).UpdateRows(c.Table<Coded>("u").WithKey(r => r.Code))),
        ["01-tables/distinct-by-groupby"] = c => c.Result(c.Table<OrderLine>("orders").Select(o => new { o.Item, o.Qty }).Distinct()),
        ["01-tables/duplicate-rows-multiset"] = c => c.Result(c.Table<KV>("t").Select(r => new { r.K, W = r.V + 1 })),
        ["01-tables/filter-threshold"] = c =>
        {
            var least = c.Number("min_qty");
            c.Result(c.Table<OrderLine>("orders").Where(o => o.Qty >= least && o.Item is not null));
        },
        ["01-tables/filter-update-no-change"] = c => c.Result(c.Table<OrderLine>("orders").Select(o => new { o.Item })),
        ["01-tables/flatten-list"] = c => c.Result(from r in c.Table<Tagged>("t") from x in r.Xs select new { r.Tag, X = x }),
        ["01-tables/flatten-string"] = c => c.Result(from r in c.Table<Text>("t") from rune in r.S.EnumerateRunes() select new { S = rune.ToString(), r.No }),
        ["01-tables/flatten-json-array"] = c => c.Result(from r in c.Table<WithJson>("t") from j in Elements(r.J) select new { J = j, r.No }),
        ["01-tables/insert-delete-same-time"] = c => c.Result(c.Table<NoKV>("t").GroupBy(r => r.K).Select(g => new { K = g.Key, C = g.Count(), S = g.Sum(r => r.V) })),
        ["01-tables/ix-lookup-misses"] = c => c.Result(
            c.Table<Fact>("f").LeftJoin(c.Table<Dimension>("d"), f => new { f.Did }, d => new { Did = (long?)d.Did }, (f, d) => new { f.Did, f.W, d?.Name })),
        ["01-tables/ix-ref-single-row"] = c => c.Result(
            c.Table<OneV>("t").CrossJoin(c.Table<Limit>("limits").Aggregate(all => all.Max(l => l.Lim)), (t, limit) => new { t.V, Lim = limit, Over = t.V > limit })),
        ["01-tables/rename-without-slices"] = c => c.Result(c.Table<OrderLine>("orders").Select(o => new { RNo = o.No, RItem = o.Item, RN = o.Qty })),
        ["01-tables/select-expressions"] = c => c.Result(c.Table<OrderLine>("orders").Select(o => new { o.Item, Total = o.Qty * o.Price, Neg = o.Qty < 0, Label = o.Item ?? "none" })),
        ["01-tables/split"] = c =>
        {
            var limit = c.Number("limit");
            var (high, low) = c.Table<OrderLine>("orders").Split(o => o.Qty > limit);
            c.Result(high.Select(o => new { Side = "hi", o.Item, o.Qty }).Concat(low.Select(o => new { Side = "lo", o.Item, o.Qty })));
        },
    };

    private sealed record Tagged(long No, string Tag, ValueList<long> Xs);

    private sealed record Text(long No, string S);

    private sealed record WithJson(long No, string J);

    private sealed record NoKV(long No, string K, long V);

    private sealed record Fact(long? Did, long W);

    private sealed record Dimension(long Did, string Name);

    private sealed record OneV(long V);

    private sealed record Limit(long Lim);

    private static Table<long, NoV> ByNo(PathwayCase c, string table) => c.Table<NoV>(table).WithKey(r => r.No);

    private static List<string> Elements(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(e => e.GetRawText())];
    }
}
