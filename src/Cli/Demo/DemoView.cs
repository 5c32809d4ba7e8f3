using Pathway.Connectors;

namespace Pathway.Cli;

/// <summary>What a customer ordered: the row of the demo's view.</summary>
/// <param name="CustomerId">The key.</param>
/// <param name="Orders">Orders that weren't cancelled.</param>
/// <param name="Amount">What they cost together.</param>
internal readonly record struct CustomerTotal(int CustomerId, long Orders, decimal Amount);

/// <summary>The demo's computation: orders per customer.</summary>
internal static class DemoView
{
    /// <summary>For each customer who is there, the count and sum of the orders that weren't cancelled.</summary>
    public static Table<int, CustomerTotal> OrdersPerCustomer(Table<int, ShopOrder> orders, Table<int, ShopCustomer> customers) =>
        from o in orders
        where o.Status != ShopOrderStatus.Cancelled
        join c in customers on o.CustomerId equals c.Id
        group o by c.Id into g
        select new CustomerTotal(g.Key, g.Count(), g.Sum(o => o.Amount));

    /// <summary>The pipeline from the generated shop to a file.</summary>
    public static Pipeline Build(DemoOptions options)
    {
        var pipeline = Pipeline.Create(DemoOptions.Name, options.In);
        var shop = Generators.Shop(options.Shop, new GeneratorOptions { Rate = options.Rate, Rows = options.Rows });
        OrdersPerCustomer(pipeline.Table(shop.Orders), pipeline.Table(shop.Customers)).To(Files.KeyedSink<int, CustomerTotal>(options.ViewPath));
        return pipeline;
    }
}
