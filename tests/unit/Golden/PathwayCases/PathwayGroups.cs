using Pathway.Core;
using Pathway.Engine;

namespace Pathway.Tests.Unit.Golden.Cases;

/// <content>Groups and their reducers.</content>
internal static partial class PathwayOperations
{
    private sealed record Row(long No, string G, long V);

    private sealed record NullableRow(long No, string? G, long? V);

    private static Dictionary<string, Action<PathwayCase>> Groups() => new()
    {
        ["03-groupby/any"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, X = g.AnyValue(r => r.V), N = g.Count() })),
        ["03-groupby/argmin-argmax-ties"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, Lo = g.MinBy(r => r.V).No, Hi = g.MaxBy(r => r.V).No, Lov = g.Min(r => r.V), Hiv = g.Max(r => r.V) })),
        ["03-groupby/argmin-argmax-values"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, Lo = g.MinBy(r => r.V).No, Hi = g.MaxBy(r => r.V).No })),
        ["03-groupby/argmin-pointer-lookup"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, g.MinBy(r => r.V).No, g.MinBy(r => r.V).V })),
        ["03-groupby/avg-int-large"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, A = g.Average(r => r.V) })),
        ["03-groupby/bigint-sum-overflow"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, S = g.Sum(r => r.V) })),
        ["03-groupby/count-distinct-approximate"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, D = g.CountDistinctApproximate(r => r.V, 12) })),
        ["03-groupby/count-distinct"] = c => c.Result(c.Table<Distinguished>("t").GroupBy(r => r.G).Select(g => new { G = g.Key, D = g.CountDistinct(r => r.V), Dp = g.CountDistinct(r => new { r.V, r.W }) })),
        ["03-groupby/count-sum-avg"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, N = g.Count(), S = g.Sum(r => r.V), A = g.Average(r => r.V) })),
        ["03-groupby/earliest-latest"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, E = g.Earliest(r => r.V), L = g.Latest(r => r.V) })),
        ["03-groupby/earliest-latest-retractions"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, E = g.Earliest(r => r.V), L = g.Latest(r => r.V) })),
        ["03-groupby/expression-over-reducers"] = c => c.Result(Grouped(c).Select(g => new
        {
            Spread = g.Max(r => r.V) - g.Min(r => r.V), Mean = (double)g.Sum(r => r.V) / g.Count(), Label = g.Key.ToUpperInvariant() + ":" + g.Count(),
        })),
        ["03-groupby/global-reduce-empty"] = c => c.Result(c.Table<NoV>("t").Where(r => r.V > 1000).Aggregate(all => new { N = all.Count(), S = all.Sum(r => r.V) })),
        ["03-groupby/global-reduce"] = c => c.Result(c.Table<NoV>("t").Aggregate(all => new
        {
            N = all.Count(), S = all.Sum(r => r.V), Lo = all.Min(r => r.V), Hi = all.Max(r => r.V), A = all.Average(r => r.V),
        })),
        ["03-groupby/group-by-expression"] = c =>
        {
            var m = c.Number("m");
            c.Result(c.Table<Row>("t").GroupBy(r => Mod(r.V, m)).Select(g => new { R = g.Key, N = g.Count(), S = g.Sum(r => r.V) }));
        },
        ["03-groupby/group-by-null-key"] = c => c.Result(c.Table<NullableRow>("t").GroupBy(r => new { r.G, r.V }).Select(g => new { g.Key.G, g.Key.V, N = g.Count() })),
        ["03-groupby/group-key-changes"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, N = g.Count(), S = g.Sum(r => r.V) })),
        ["03-groupby/min-max-nullable"] = c => c.Result(c.Table<NullableRow>("t").GroupBy(r => new { r.G }).Select(g => new { g.Key.G, Lo = g.Min(r => r.V), Hi = g.Max(r => r.V) })),
        ["03-groupby/sum-nullable"] = c => c.Result(c.Table<NullableRow>("t").GroupBy(r => new { r.G }).Select(g => new { g.Key.G, S = g.Sum(r => r.V), Lo = g.Min(r => r.V), Hi = g.Max(r => r.V) })),
        ["03-groupby/min-max-other-types"] = c => c.Result(c.Table<Mixed>("t").GroupBy(r => r.G).Select(g => new
        {
            G = g.Key, S0 = g.Min(r => r.S), S1 = g.Max(r => r.S), F0 = g.Min(r => r.F), F1 = g.Max(r => r.F), D0 = g.Min(r => r.D), D1 = g.Max(r => r.D), B0 = g.Min(r => r.B), B1 = g.Max(r => r.B),
        })),
        ["03-groupby/min-max"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, Lo = g.Min(r => r.V), Hi = g.Max(r => r.V) })),
        ["03-groupby/ndarray-reducer"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, A = g.ToList(r => r.No, r => r.V) })),
        ["03-groupby/retract-to-empty-and-back"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, N = g.Count(), S = g.Sum(r => r.V), M = g.Min(r => r.V), X = g.ToSortedList(r => r.V) })),
        ["03-groupby/sorted-tuple"] = c => c.Result(c.Table<NullableRow>("t").GroupBy(r => new { r.G }).Select(g => new
        {
            g.Key.G, All = g.ToSortedList(r => r.V), Some = g.ToSortedList(r => r.V).Where(v => v != null).ToValueList(),
        })),
        ["03-groupby/stateful-single"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, X = g.Fold(0L, (sum, r) => Math.Max(0, sum) + r.V) })),
        ["03-groupby/stateful-many"] = c => c.Result(c.Table<Row>("t")
            .Scan(r => r.G, (Came: 0L, Went: 0L, Sum: 0L), (s, r, count) => (s.Came + Math.Max(count, 0), s.Went + Math.Max(-count, 0), s.Sum + (count * r.V)))
            .Entries().Select(e => new { G = e.Key, X = (ValueList<long>)[e.Row.Came, e.Row.Went, e.Row.Sum] })),
        ["03-groupby/sum-avg-float-row-update"] = c => c.Result(c.Table<FloatX>("t").GroupBy(r => r.G).Select(g => new { G = g.Key, N = g.Count(), S = g.Sum(r => r.X), A = g.Average(r => r.X) })),
        ["03-groupby/sum-avg-int-row-update"] = c => c.Result(c.Table<IntX>("t").GroupBy(r => r.G).Select(g => new { G = g.Key, N = g.Count(), S = g.Sum(r => r.X), A = g.Average(r => r.X) })),
        ["03-groupby/sum-floats-compensated"] = c => c.Result(c.Table<FloatF>("t").GroupBy(r => r.G).Select(g => new { G = g.Key, S = g.Sum(r => r.F), A = g.Average(r => r.F) })),
        ["03-groupby/tuple-skip-nones"] = c => c.Result(c.Table<NullableRow>("t").GroupBy(r => new { r.G }).Select(g => new
        {
            g.Key.G, A = g.ToList(r => r.No, r => r.V), B = g.ToList(r => r.No, r => r.V).Where(v => v != null).ToValueList(),
        })),
        ["03-groupby/tuple-sort-by"] = c => c.Result(c.Table<Ordered>("t").GroupBy(r => r.G).Select(g => new { G = g.Key, Vs = g.ToList(r => r.O, r => r.V), Os = g.ToList(r => r.O, r => r.O) })),
        ["03-groupby/udf-reducer-no-retract"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, V = g.Compute(rows => string.Join('|', rows.Select(r => r.V).Order())) })),
        ["03-groupby/udf-reducer-with-retract"] = c => c.Result(Grouped(c).Select(g => new { G = g.Key, V = g.Reduce(default(Variance)) })),
        ["03-groupby/unique-ok"] = c => c.Result(c.Table<Unique>("t").GroupBy(r => r.G).Select(g => new { G = g.Key, C = g.Unique(r => r.C), N = g.Count() })),
        ["03-groupby/unique-violated"] = c => c.Result(c.Table<Unique>("t").GroupBy(r => r.G).Select(g => new { G = g.Key, C = g.CountDistinct(r => r.C) == 1 ? g.AnyValue(r => r.C) : -1, N = g.Count() })),
    };

    private sealed record Distinguished(long No, string G, long? V, string W);

    private sealed record Mixed(long No, string G, string S, double F, DateTime D, bool B);

    private sealed record FloatX(long No, string G, double X);

    private sealed record IntX(long No, string G, long X);

    private sealed record FloatF(long No, string G, double F);

    private sealed record Ordered(long No, string G, long O, string? V);

    private sealed record Unique(long No, string G, long C);

    private static Grouping<Row, string, Row> Grouped(PathwayCase c) => c.Table<Row>("t").GroupBy(r => r.G);

    private readonly struct Variance : IReducer<Row, (long Count, double Sum, double Squares), double>
    {
        public void Add(ref (long Count, double Sum, double Squares) accumulator, in Row row, long weight) =>
            accumulator = (accumulator.Count + weight, accumulator.Sum + ((double)row.V * weight), accumulator.Squares + ((double)row.V * row.V * weight));

        public double Result(in (long Count, double Sum, double Squares) accumulator) =>
            (accumulator.Squares / accumulator.Count) - (accumulator.Sum / accumulator.Count * (accumulator.Sum / accumulator.Count));
    }
}
