using Pathway;

namespace OrdersPerCustomer;

/// <summary>The rows, and the query over them: it doesn't know where its inputs come from.</summary>
public static class Queries
{
    public static Table<int, CustomerTotal> OrdersPerCustomer(Table<int, Order> orders, Table<int, Customer> customers) =>
        from o in orders
        where o.Status != OrderStatus.Cancelled
        join c in customers on o.CustomerId equals c.Id
        group o by c.Id into g
        select new CustomerTotal(g.Key, g.Count(), g.Sum(o => o.Amount));
}

public enum OrderStatus
{
    Open, Paid, Shipped, Cancelled,
}

public sealed record Order(int Id, int CustomerId, decimal Amount, OrderStatus Status);

public sealed record Customer(int Id, string Name);

public sealed record CustomerTotal(int CustomerId, long Orders, decimal Amount);
