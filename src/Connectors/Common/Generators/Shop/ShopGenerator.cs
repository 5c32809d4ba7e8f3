using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>
/// A made-up shop. Each transaction places some orders, moves orders of earlier transactions on, clears away those of long ago, and now and then touches a customer.
/// </summary>
/// <remarks>
/// A pure function of the seed and the number of the transaction: what happens to an order is drawn from a hash of (seed, transaction that placed it, its place therein, stage), and the stages of
/// an order come fixed numbers of transactions after it was placed. So transaction n concerns the orders of n, n − 5, n − 40, n − 200 and n − <see cref="Window"/>, and the state of
/// each is found by walking at most four draws. About 12 rows a transaction; 15 million rows a second; bounded state: about 2.3 live orders for each transaction of the window.
/// </remarks>
public sealed record ShopGenerator : Generator
{
    /// <summary>The numbers of the tables in batches.</summary>
    public const int CustomersTable = 0, OrdersTable = 1;

    private const int OrdersMax = 4, OpeningCustomers = 100, CustomerEvery = 4, LeavingOneIn = 10;

    private static readonly int[] StageDelays = [5, 40, 200];

    /// <summary>What everything is drawn from. Default: 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How many customers there are at most. All come with the first transactions. Default: 1000.</summary>
    public int Customers { get; init; } = 1000;

    /// <summary>After how many transactions orders are cleared away and their ids used again; more than 200. Default: 20 000.</summary>
    public int Window { get; init; } = 20_000;

    /// <inheritdoc/>
    public override string Name => "shop";

    /// <inheritdoc/>
    public override string Settings => $"seed {Seed}, {Customers} customers, window {Window}";

    /// <summary>The last of the transactions with which the first customers come.</summary>
    private long Opening => (Customers + OpeningCustomers - 1) / OpeningCustomers;

    /// <summary>The name of a customer; it never changes.</summary>
    public string NameOf(int customer) => ShopPeople.Customer(Seed, customer, 0).Name;

    /// <inheritdoc/>
    public override GeneratedBatch NewBatch(int rows) => new(new RowBuffer<Upsert<int, ShopCustomer>>(), new RowBuffer<Upsert<int, ShopOrder>>(rows + 32));

    /// <inheritdoc/>
    public override void Generate(long number, GeneratedBatch into)
    {
        Check.That(number > 0 && Customers > 0 && Window > StageDelays[^1]);
        TouchCustomers(number, into.Table<Upsert<int, ShopCustomer>>(CustomersTable));
        var orders = into.Table<Upsert<int, ShopOrder>>(OrdersTable);
        ClearAway(number - Window, orders);
        Place(number, orders);
        for (var stage = 1; stage <= StageDelays.Length; stage++) MoveOn(number - StageDelays[stage - 1], stage, orders);
    }

    private void TouchCustomers(long number, RowBuffer<Upsert<int, ShopCustomer>> customers)
    {
        if (number <= Opening)
        {
            var first = (int)(number - 1) * OpeningCustomers + 1;
            for (var id = first; id < first + OpeningCustomers && id <= Customers; id++) customers.Add(Upsert<int, ShopCustomer>.Put(id, ShopPeople.Customer(Seed, id, 0)));
            return;
        }

        // Every fourth transaction visits a customer, all of them in turn, round after round; in each round one in ten is away.
        var (visit, rest) = Math.DivRem(number - Opening - 1, CustomerEvery);
        if (rest != 0) return;
        var round = visit / Customers + 1;
        var visited = (int)(visit % Customers) + 1;
        if (IsThere(visited, round)) customers.Add(Upsert<int, ShopCustomer>.Put(visited, ShopPeople.Customer(Seed, visited, round)));
        else if (IsThere(visited, round - 1)) customers.Add(Upsert<int, ShopCustomer>.Delete(visited));
    }

    private bool IsThere(int customer, long round) => round == 0 || Draw.From(Seed, customer, round, 7) % LeavingOneIn != 0;

    private void Place(long number, RowBuffer<Upsert<int, ShopOrder>> orders)
    {
        var count = Count(number);
        for (var i = 0; i < count; i++)
        {
            var order = Placed(number, i);
            orders.Add(Upsert<int, ShopOrder>.Put(order.Id, order));
        }
    }

    private void MoveOn(long placed, int stage, RowBuffer<Upsert<int, ShopOrder>> orders)
    {
        if (placed < 1) return;
        var count = Count(placed);
        for (var i = 0; i < count; i++)
        {
            if (Walk(placed, i, stage - 1) is not { } before) continue;
            if (Next(before, placed, i, stage) is not { } after) orders.Add(Upsert<int, ShopOrder>.Delete(before.Id));
            else if (after != before) orders.Add(Upsert<int, ShopOrder>.Put(after.Id, after));
        }
    }

    private void ClearAway(long placed, RowBuffer<Upsert<int, ShopOrder>> orders)
    {
        if (placed < 1) return;
        var count = Count(placed);
        for (var i = 0; i < count; i++)
            if (Walk(placed, i, StageDelays.Length) is { } order) orders.Add(Upsert<int, ShopOrder>.Delete(order.Id));
    }

    private int Count(long number) => 1 + (int)(Draw.From(Seed, number, 0, 1) % OrdersMax);

    private ShopOrder Placed(long number, int i)
    {
        var draw = Draw.From(Seed, number, i, 2);
        var id = (int)((number - 1) % Window) * OrdersMax + i + 1;
        return new ShopOrder(id, SomeCustomer(draw), new decimal(500 + (int)((draw >> 32) % 20_000), 0, 0, false, 2), ShopOrderStatus.New);
    }

    /// <summary>The order as it stands after a stage; null if it is gone by then.</summary>
    private ShopOrder? Walk(long placed, int i, int stages)
    {
        ShopOrder? order = Placed(placed, i);
        for (var stage = 1; stage <= stages && order is { } before; stage++) order = Next(before, placed, i, stage);
        return order;
    }

    /// <summary>What becomes of an order at a stage: most go from new to paid to shipped to delivered.</summary>
    private ShopOrder? Next(ShopOrder order, long placed, int i, int stage)
    {
        var draw = Draw.From(Seed, placed, i, 10 + stage);
        var percent = (int)(draw % 100);
        return (stage, order.Status) switch
        {
            (1, _) when percent < 80 => order with { Status = ShopOrderStatus.Paid },
            (1, _) when percent < 88 => order with { Status = ShopOrderStatus.Cancelled },
            (1, _) when percent < 94 => order with { Status = ShopOrderStatus.Paid, Amount = order.Amount + new decimal(100 + (int)((draw >> 32) % 3_000), 0, 0, false, 2) },
            (1, _) when percent < 96 => null,
            (2, ShopOrderStatus.Cancelled) when percent < 50 => null,
            (2, ShopOrderStatus.New) => order with { Status = ShopOrderStatus.Cancelled },
            (2, ShopOrderStatus.Paid) when percent < 90 => order with { Status = ShopOrderStatus.Shipped },
            (2, ShopOrderStatus.Paid) when percent < 95 => order with { Status = ShopOrderStatus.Cancelled },
            (2, ShopOrderStatus.Paid) when percent < 98 => order with { CustomerId = SomeCustomer(draw >> 8) },
            (3, ShopOrderStatus.Shipped) when percent < 96 => order with { Status = ShopOrderStatus.Delivered },
            (3, ShopOrderStatus.Shipped) => order with { Status = ShopOrderStatus.Cancelled },
            (3, ShopOrderStatus.Paid) => order with { Status = ShopOrderStatus.Shipped },
            _ => order,
        };
    }

    /// <summary>A customer, some much oftener than others: of 1000 the best has 3 % of the orders, the next 1.3 %.</summary>
    private int SomeCustomer(ulong draw)
    {
        var even = draw & 0xFFFF_FFFF;
        var skewed = (even * even) >> 32;
        var rank = (skewed * (ulong)Customers) >> 32;
        // The best customers aren't those with the first ids.
        return (int)((rank * 7919 + Draw.From(Seed, 0, 0, 3) % (ulong)Customers) % (ulong)Customers) + 1;
    }
}
