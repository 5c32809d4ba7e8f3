namespace Pathway.Tests.Programs;

/// <summary>Joins of every kind and reducers of every kind over orders and customers that come, change and go.</summary>
public static class Shop
{
    public sealed record Order(int Id, int Customer, long Amount, bool IsThere) : IMayGo;

    public sealed record Customer(int Id, string Region, bool IsThere) : IMayGo;

    public sealed record Line(int Order, int Customer, string Region, long Amount);

    public sealed record Placed(int Order, string? Region);

    public sealed record Pair(int? Order, int? Customer);

    public sealed record Figures(string Region, long Orders, long Sum, double Average, long Least, long Most, int Best, long Customers, long Median, double Quarters);

    public sealed record Ranked(int Customer, int Rank, int Order);

    internal static void Describe(Pipeline pipeline, string folder)
    {
        var orders = TestPrograms.Read<int, Order>(pipeline, folder, "orders.jsonl", o => o.Id);
        var customers = TestPrograms.Read<int, Customer>(pipeline, folder, "customers.jsonl", c => c.Id);
        var lines = orders.Join(customers, o => o.Customer, c => c.Id, (o, c) => new Line(o.Id, c.Id, c.Region, o.Amount));
        lines.To(folder, "lines.jsonl");
        orders.LeftJoin(customers, o => o.Customer, c => c.Id, (o, c) => new Placed(o.Id, c == null ? null : c.Region)).To(folder, "placed.jsonl");
        orders.FullJoin(customers, o => o.Customer, c => c.Id, (o, c) => new Pair(o == null ? null : o.Id, c == null ? null : c.Id)).To(folder, "pairs.jsonl");
        customers.SemiJoin(orders, c => c.Id, o => o.Customer).To(folder, "buyers.jsonl");
        orders.AntiJoin(customers, o => o.Customer, c => c.Id).To(folder, "strays.jsonl");
        lines.GroupBy(l => l.Region).Select(g => new Figures(
            g.Key, g.Count(), g.Sum(l => l.Amount), g.Average(l => l.Amount), g.Min(l => l.Amount), g.Max(l => l.Amount), g.MaxBy(l => l.Amount).Order, g.CountDistinct(l => l.Customer),
            g.Percentile(l => l.Amount, 0.5), g.Sum(l => l.Amount * 0.25))).To(folder, "figures.jsonl");
        lines.Top(3, l => l.Customer, l => l.Amount, (l, rank) => new Ranked(l.Customer, rank, l.Order)).To(folder, "best.jsonl");
        orders.Select(o => o.Customer % 10).Named("last digits").Distinct().Select(d => new Pair(null, d)).Named("digits").To(folder, "digits.jsonl");
    }
}
