namespace Pathway.Tests.Unit.Golden.Cases;

/// <content>What depends on order.</content>
internal static partial class PathwayOperations
{
    private sealed record Timed(long No, string G, long T, long V);

    private sealed record Measured(long No, string G, DateTime At, double V);

    private sealed record Grade(string? G, long V);

    private static Dictionary<string, Action<PathwayCase>> Orders() => new()
    {
        ["04-order/deduplicate-acceptor"] = c =>
        {
            var step = c.Number("step");
            c.Result(c.Table<OneV>("x").Deduplicate(_ => 0, (now, last) => Math.Abs(now.V - last.V) >= step));
        },
        ["04-order/deduplicate-instance"] = c => c.Result(c.Table<Grade>("x").Deduplicate(r => new { r.G }, (now, last) => now.V > last.V)),
        ["04-order/deduplicate-keep-columns"] = c => c.Result(c.Table<StatusRow>("x").Deduplicate(r => r.G, (now, last) => now.Status != last.Status)),
        ["04-order/deduplicate-same-time"] = c => c.Result(c.Table<OneV>("x").Deduplicate(_ => 0, (now, last) => now.V > last.V)),
        ["04-order/deduplicate-with-retractions"] = c => c.Result(c.Table<NoV>("x").Deduplicate(_ => 0, (now, last) => now.V > last.V)),
        ["04-order/diff-instance-datetime"] = c => c.Result(c.Table<Measured>("x").Diff(r => r.G, r => r.At, (before, r) => new { r.G, r.At, Gap = r.At - before?.At, Dv = r.V - before?.V })),
        ["04-order/diff-ints"] = c => c.Result(c.Table<Timed>("x").Diff(_ => 0, r => r.T, (before, r) => new { r.No, r.T, DiffV = r.V - before?.V })),
        ["04-order/interpolate-all-null"] = c => c.Result(c.Table<TV>("x").Interpolate(_ => 0, r => r.T, r => r.V, (r, v) => r with { V = v })),
        ["04-order/interpolate-linear"] = c => c.Result(c.Table<TVW>("x")
            .Interpolate(_ => 0, r => r.T, r => r.V, (r, v) => r with { V = v })
            .Interpolate(_ => 0, r => r.T, r => r.W, (r, w) => r with { W = w })),
        ["04-order/sort-instance"] = c => c.Result(c.Table<Timed>("x").Neighbours(r => r.G, r => r.T, (before, r, after) => new { r.No, r.G, r.T, Pv = before?.V, Nv = after?.V })),
        ["04-order/sort-prev-next"] = c => c.Result(c.Table<Timed>("x").Neighbours(_ => 0, r => r.T, (before, r, after) => new { r.No, r.T, Pv = before?.V, Nv = after?.V })),
        ["04-order/sort-strings"] = c => c.Result(c.Table<Text>("x").Neighbours(_ => 0, r => r.S, (before, r, _) => new { r.S, Ps = before?.S })),
        ["04-order/sort-ties"] = c => c.Result(c.Table<Timed>("x").Neighbours(_ => 0, r => r.T, (before, r, after) => new { r.T, Pt = before?.T, Nt = after?.T })),
    };

    private sealed record TV(long T, double? V);

    private sealed record TVW(long T, double? V, double? W);

    private sealed record StatusRow(string G, string Status, long Seq);
}
