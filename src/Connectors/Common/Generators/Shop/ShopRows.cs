namespace Pathway.Connectors;

/// <summary>A customer of the generated shop.</summary>
/// <param name="Id">The key.</param>
/// <param name="Name">First and last name.</param>
/// <param name="Country">Two letters.</param>
public readonly record struct ShopCustomer(int Id, string Name, string Country);

/// <summary>An order of the generated shop.</summary>
/// <param name="Id">The key. Used again some time after the order under it was cleared away.</param>
/// <param name="CustomerId">Whose it is; there may be no such customer (any more).</param>
/// <param name="Amount">What it costs.</param>
/// <param name="Status">How far it came.</param>
public readonly record struct ShopOrder(int Id, int CustomerId, decimal Amount, ShopOrderStatus Status);

/// <summary>How far an order came.</summary>
public enum ShopOrderStatus
{
    /// <summary>It was placed.</summary>
    New,

    /// <summary>It was paid.</summary>
    Paid,

    /// <summary>It is on its way.</summary>
    Shipped,

    /// <summary>It arrived.</summary>
    Delivered,

    /// <summary>It was cancelled or sent back.</summary>
    Cancelled,
}
