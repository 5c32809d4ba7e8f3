namespace Pathway.Tests.Unit.Golden.Cases;

/// <content>Joins; <c>key</c> is what a join makes of a key that may be null.</content>
internal static partial class PathwayOperations
{
    private sealed record L(long No, string? K, long V);

    private sealed record R(long No, string? K, long W);

    private sealed record Named(string? K, string Name);

    private sealed record Purchase(long No, long Cust, long Prod, long Qty);

    private sealed record Customer(long Cust, string Cname);

    private sealed record Product(long Prod, string Pname);

    private sealed record Employee(string Name, string? Boss, long Pay);

    private sealed record Person(string Name, string? Boss);

    private static Dictionary<string, Action<PathwayCase>> Joins(Func<string?, string?> key) => new()
    {
        ["02-joins/both-sides-same-time"] = c => c.Result(from l in c.Table<L>("l") join r in c.Table<R>("r") on new { K = key(l.K) } equals new { K = key(r.K) } select new { l.K, l.V, r.W }),
        ["02-joins/inner-join-one-key"] = c => c.Result(from l in c.Table<L>("l") join r in c.Table<R>("r") on new { K = key(l.K) } equals new { K = key(r.K) } select new { Lk = l.K, Rk = r.K, l.V, r.W }),
        ["02-joins/inner-join-multi-condition"] = c =>
        {
            var m = c.Number("m");
            c.Result(from l in c.Table<L>("l") join r in c.Table<R>("r") on new { K = key(l.K), H = Mod(l.V, m) } equals new { K = key(r.K), H = Mod(r.W, m) } select new { l.K, l.V, r.W });
        },
        ["02-joins/left-join-one-key"] = c => c.Result(c.Table<L>("l").LeftJoin(c.Table<R>("r"), l => new { K = key(l.K) }, r => new { K = key(r.K) }, (l, r) => new { Lk = l.K, Rk = r?.K, l.V, r?.W })),
        ["02-joins/right-join-one-key"] = c => c.Result(c.Table<L>("l").RightJoin(c.Table<R>("r"), l => new { K = key(l.K) }, r => new { K = key(r.K) }, (l, r) => new { Lk = l?.K, Rk = r.K, l?.V, r.W })),
        ["02-joins/outer-join-one-key"] = c => c.Result(c.Table<L>("l").FullJoin(c.Table<R>("r"), l => new { K = key(l.K) }, r => new { K = key(r.K) }, (l, r) => new { Lk = l?.K, Rk = r?.K, l?.V, r?.W })),
        ["02-joins/outer-join-multi-condition"] = c => c.Result(
            c.Table<L>("l").FullJoin(c.Table<R>("r"), l => new { K = key(l.K), N = l.V }, r => new { K = key(r.K), N = r.W }, (l, r) => new { Lk = l?.K, Rk = r?.K, l?.V, r?.W })),
        ["02-joins/join-filter-select"] = c =>
        {
            var gap = c.Number("gap");
            c.Result(from l in c.Table<L>("l") join r in c.Table<R>("r") on new { K = key(l.K) } equals new { K = key(r.K) } where l.V > r.W + gap select new { l.K, D = l.V - r.W });
        },
        ["02-joins/join-then-reduce"] = c => c.Result(
            from l in c.Table<L>("l")
            join r in c.Table<R>("r") on new { K = key(l.K) } equals new { K = key(r.K) }
            group new { l.V, r.W } by new { l.K } into g
            select new { g.Key.K, N = g.Count(), S = g.Sum(x => x.V * x.W), Mx = g.Max(x => x.W) }),
        ["02-joins/join-id-from-left"] = c => c.Result(c.Table<L>("l").LeftJoin(c.Table<Named>("d"), l => new { K = key(l.K) }, d => new { K = key(d.K) }, (l, d) => new { l.No, l.K, l.V, d?.Name })),
        ["02-joins/chained-three-tables"] = c => c.Result(
            (from o in c.Table<Purchase>("orders") join k in c.Table<Customer>("customers") on o.Cust equals k.Cust select new { o.Prod, o.Qty, k.Cname })
            .LeftJoin(c.Table<Product>("products"), o => o.Prod, p => p.Prod, (o, p) => new { o.Cname, p?.Pname, o.Qty })),
        ["02-joins/cross-join"] = c => c.Result(c.Table<OneX>("a").CrossJoin(c.Table<OneY>("b"), (a, b) => new { a.X, b.Y })),
        ["02-joins/join-duplicates-multiply"] = c => c.Result(from a in c.Table<KX>("a") join b in c.Table<KY>("b") on a.K equals b.K select new { a.K, a.X, b.Y }),
        ["02-joins/join-int-float-key"] = c => c.Result(from a in c.Table<KX>("a") join b in c.Table<FloatKY>("b") on (double)a.K equals b.K select new { a.K, a.X, b.Y, Bk = b.K }),
        ["02-joins/self-join"] = c =>
        {
            var people = c.Table<Person>("emp");
            c.Result(from a in people join b in people on new { Boss = key(a.Boss) } equals new { Boss = key(b.Boss) } where string.CompareOrdinal(a.Name, b.Name) < 0 select new { A = a.Name, B = b.Name, a.Boss });
        },
        ["02-joins/self-join-boss-name"] = c =>
        {
            var employees = c.Table<Employee>("emp");
            c.Result(employees.LeftJoin(employees, e => new { Name = e.Boss }, b => new { Name = (string?)b.Name }, (e, b) => new { e.Name, e.Pay, Boss = b?.Name, BossPay = b?.Pay, More = e.Pay > (b?.Pay ?? e.Pay) }));
        },
        ["02-joins/semi-and-anti-join"] = c =>
        {
            var (l, r) = (c.Table<L>("l"), c.Table<R>("r"));
            c.Result(l.SemiJoin(r, x => new { K = key(x.K) }, x => new { K = key(x.K) }).Select(x => new { Side = "semi", x.No }).Concat(l.AntiJoin(r, x => new { K = key(x.K) }, x => new { K = key(x.K) }).Select(x => new { Side = "anti", x.No })));
        },
    };

    private sealed record OneX(long X);

    private sealed record OneY(string Y);

    private sealed record KX(long K, long X);

    private sealed record KY(long K, long Y);

    private sealed record FloatKY(double K, long Y);

    /// <summary>The remainder with the sign of the divisor.</summary>
    private static long Mod(long value, long divisor) => ((value % divisor) + divisor) % divisor;
}
