using Pathway.Tests.Programs;
using Order = Pathway.Tests.Programs.Shop.Order;

namespace Pathway.Tests.Integration.Kills;

/// <summary>Orders and customers that come, change and go, and what LINQ computes from those that are there.</summary>
internal sealed class ShopTraffic
{
    private static readonly string[] Regions = ["north", "east", "south", "west"];
    private readonly Dictionary<int, Order> _orders = [];
    private readonly Dictionary<int, Shop.Customer> _customers = [];

    public (string File, object Row) Next(Random random)
    {
        if (random.Next(5) == 0)
        {
            var customer = new Shop.Customer(random.Next(60), Regions[random.Next(Regions.Length)], random.Next(4) > 0);
            _customers[customer.Id] = customer;
            return ("customers.jsonl", customer);
        }

        // No two amounts are equal, so that the greatest is one.
        var id = random.Next(500);
        var order = new Order(id, random.Next(70), (random.Next(1000) * 1000L) + id, random.Next(4) > 0);
        _orders[id] = order;
        return ("orders.jsonl", order);
    }

    /// <summary>Whether all files of the program hold what they should.</summary>
    public bool IsIn(ChangeFiles files)
    {
        var (orders, customers) = (_orders.Values.Where(o => o.IsThere).ToList(), _customers.Values.Where(c => c.IsThere).ToDictionary(c => c.Id));
        var lines = orders.Where(o => customers.ContainsKey(o.Customer)).Select(o => new Shop.Line(o.Id, o.Customer, customers[o.Customer].Region, o.Amount)).ToList();
        var buyers = orders.Select(o => o.Customer).ToHashSet();
        return ChangeFiles.AreEqual(files.RowsOf<Shop.Line>("lines.jsonl"), lines)
            && ChangeFiles.AreEqual(files.RowsOf<Shop.Placed>("placed.jsonl"), orders.Select(o => new Shop.Placed(o.Id, customers.GetValueOrDefault(o.Customer)?.Region)))
            && ChangeFiles.AreEqual(files.RowsOf<Shop.Pair>("pairs.jsonl"), orders.Select(o => new Shop.Pair(o.Id, customers.GetValueOrDefault(o.Customer)?.Id)).Concat(customers.Keys.Where(c => !buyers.Contains(c)).Select(c => new Shop.Pair(null, c))))
            && ChangeFiles.AreEqual(files.RowsOf<Shop.Customer>("buyers.jsonl"), customers.Values.Where(c => buyers.Contains(c.Id)))
            && ChangeFiles.AreEqual(files.RowsOf<Order>("strays.jsonl"), orders.Where(o => !customers.ContainsKey(o.Customer)))
            && ChangeFiles.AreEqual(files.RowsOf<Shop.Figures>("figures.jsonl"), lines.GroupBy(l => l.Region).Select(FiguresOf))
            && ChangeFiles.AreEqual(files.RowsOf<Shop.Ranked>("best.jsonl"), lines.GroupBy(l => l.Customer).SelectMany(g => g.OrderByDescending(l => l.Amount).Take(3).Select((l, i) => new Shop.Ranked(l.Customer, i + 1, l.Order))))
            && ChangeFiles.AreEqual(files.RowsOf<Shop.Pair>("digits.jsonl"), orders.Select(o => o.Customer % 10).Distinct().Select(d => new Shop.Pair(null, d)));
    }

    private static Shop.Figures FiguresOf(IGrouping<string, Shop.Line> group)
    {
        var amounts = group.Select(l => l.Amount).Order().ToList();
        return new Shop.Figures(
            group.Key, amounts.Count, amounts.Sum(), (double)amounts.Sum() / amounts.Count, amounts[0], amounts[^1], group.MaxBy(l => l.Amount)!.Order, group.Select(l => l.Customer).Distinct().Count(),
            amounts[(amounts.Count + 1) / 2 - 1], amounts.Sum() * 0.25);
    }
}
