using Pathway.Connectors;
using Pathway.Core;
using Pathway.Planning;

namespace Pathway.Tests.Unit.Durability;

/// <summary>A change of the shop, as its source numbers it, from 1.</summary>
internal readonly record struct ShopChange(int Number, ShopOrder? Order, ShopCustomer? Customer, int Id)
{
    /// <summary>Applies it to plain tables.</summary>
    public void Apply(Dictionary<int, ShopOrder> orders, Dictionary<int, ShopCustomer> customers)
    {
        if (Order is { } order) orders[order.Id] = order;
        else if (Customer is { } customer) customers[customer.Id] = customer;
        else if (Id < 100) customers.Remove(Id);
        else orders.Remove(Id);
    }
}

public sealed record ShopOrder(int Id, int Customer, long Amount, string Note);

public sealed record ShopCustomer(int Id, string Name);

public sealed record ShopTotal(int Customer, string Name, long Orders, long Amount);

/// <summary>A query with every kind of state (upserts, join, group), and beside it the changes themselves as a stream. Customers have ids below 100, orders above.</summary>
internal sealed class ShopPlan
{
    private readonly HandFed<Upsert<int, ShopOrder>> _orders = new("orders");
    private readonly HandFed<Upsert<int, ShopCustomer>> _customers = new("customers");
    private readonly HandFed<int> _numbers = new("numbers");

    public ShopPlan(MemoryTarget target)
    {
        var pipeline = Pipeline.Create("durable");
        var totals =
            from o in pipeline.Table(_orders)
            join c in pipeline.Table(_customers) on o.Customer equals c.Id
            group o by c into g
            select new ShopTotal(g.Key.Id, g.Key.Name, g.Count(), g.Sum(o => o.Amount));
        totals.To(new KeyedSink<ShopCustomer, ShopTotal>(target, new JsonKeyedFormatter<ShopCustomer, ShopTotal>(MemoryTarget.ViewName), "view"));
        pipeline.Stream(_numbers).To(new StreamSink<int>(target, new NumberFormatter(), "events"));
        Plan = pipeline.Plan();
    }

    public Plan Plan { get; }

    /// <summary>The rows of <paramref name="changes"/> for each input of the plan.</summary>
    public IEnumerable<(int Input, IRowBuffer Rows)> Rows(IEnumerable<ShopChange> changes)
    {
        var (orders, customers, numbers) = (new RowBuffer<Upsert<int, ShopOrder>>(), new RowBuffer<Upsert<int, ShopCustomer>>(), new RowBuffer<int>());
        foreach (var change in changes)
        {
            numbers.Add(change.Number);
            if (change.Order is { } order) orders.Add(Upsert<int, ShopOrder>.Put(order.Id, order));
            else if (change.Customer is { } customer) customers.Add(Upsert<int, ShopCustomer>.Put(customer.Id, customer));
            else if (change.Id < 100) customers.Add(Upsert<int, ShopCustomer>.Delete(change.Id));
            else orders.Add(Upsert<int, ShopOrder>.Delete(change.Id));
        }

        foreach (var (source, rows) in new (ISource, IRowBuffer)[] { (_orders, orders), (_customers, customers), (_numbers, numbers) })
            if (rows.Count > 0) yield return (Plan.Inputs.ToList().IndexOf(source), rows);
    }

    /// <summary>The view as a plain recomputation gives it, under the keys and as the values that the target holds.</summary>
    public static Dictionary<string, string> Recomputed(IEnumerable<ShopChange> changes)
    {
        var (orders, customers) = (new Dictionary<int, ShopOrder>(), new Dictionary<int, ShopCustomer>());
        foreach (var change in changes) change.Apply(orders, customers);
        return (from o in orders.Values
                join c in customers.Values on o.Customer equals c.Id
                group o by c into g
                select new ShopTotal(g.Key.Id, g.Key.Name, g.Count(), g.Sum(o => o.Amount))).ToDictionary(t => Text(new ShopCustomer(t.Customer, t.Name)), Text);
    }

    private static string Text<T>(T value) => System.Text.Json.JsonSerializer.Serialize(value, RowJson.Options);

    /// <summary>A source that nobody reads.</summary>
    private sealed class HandFed<TRow>(string name) : ISource<TRow>, ISourceOrigin
    {
        public string Name => name;

        public ISourceOrigin Origin => this;

        public string Partition => name;

        public string Description => name;

        public ISourceReader Open(IReadOnlyList<ISource> sources) => throw new InvalidOperationException("Fed by hand.");
    }

    private sealed class NumberFormatter : IStreamFormatter<int>
    {
        public void Format(ReadOnlySpan<int> rows, OutputBuffer output)
        {
            foreach (var number in rows)
            {
                output.BeginRow(output.Destination(MemoryTarget.EventsName));
                output.BeginKey();
                System.Buffers.BuffersExtensions.Write(output, System.Text.Encoding.UTF8.GetBytes(number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
                output.EndRow();
            }
        }
    }
}
