using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary>The demo's view, computed in the plainest way there is from the whole input: what the engine's answer is held against.</summary>
internal static class DemoOracle
{
    /// <summary>The view after the first <paramref name="transactions"/> transactions of <paramref name="shop"/>.</summary>
    public static Dictionary<int, CustomerTotal> Compute(ShopGenerator shop, long transactions, CancellationToken stop)
    {
        var customers = new Dictionary<int, ShopCustomer>();
        var orders = new Dictionary<int, ShopOrder>();
        for (var number = 1L; number <= transactions;)
        {
            stop.ThrowIfCancellationRequested();
            var some = shop.NewBatch(1000);
            while (number <= transactions && some.Rows < 1000) shop.Generate(number++, some);
            Apply(some.Table<Upsert<int, ShopCustomer>>(ShopGenerator.CustomersTable).Rows, customers);
            Apply(some.Table<Upsert<int, ShopOrder>>(ShopGenerator.OrdersTable).Rows, orders);
        }

        var view = new Dictionary<int, CustomerTotal>();
        foreach (var order in orders.Values)
        {
            if (order.Status == ShopOrderStatus.Cancelled || !customers.ContainsKey(order.CustomerId)) continue;
            var total = view.GetValueOrDefault(order.CustomerId, new CustomerTotal(order.CustomerId, 0, 0));
            view[order.CustomerId] = total with { Orders = total.Orders + 1, Amount = total.Amount + order.Amount };
        }

        return view;
    }

    /// <summary>The first difference between two views, in the order of the keys, as a sentence; null for none.</summary>
    public static string? FirstDifference(IReadOnlyDictionary<int, CustomerTotal> expected, IReadOnlyDictionary<int, CustomerTotal> found)
    {
        foreach (var key in expected.Keys.Union(found.Keys).Order())
        {
            var (inExpected, inFound) = (expected.TryGetValue(key, out var right), found.TryGetValue(key, out var actual));
            if (!inExpected) return $"key {key} should not be there, and the file has {actual}";
            if (!inFound) return $"key {key} is missing in the file, and should be {right}";
            if (actual != right) return $"key {key} is {actual} in the file, and should be {right}";
        }

        return null;
    }

    private static void Apply<TRow>(ReadOnlySpan<Upsert<int, TRow>> changes, Dictionary<int, TRow> table)
    {
        foreach (var change in changes)
        {
            if (change.IsDelete) table.Remove(change.Key);
            else table[change.Key] = change.Row!;
        }
    }
}
