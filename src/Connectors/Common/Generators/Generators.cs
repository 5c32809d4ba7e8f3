namespace Pathway.Connectors;

/// <summary>Input that is made up: for demos, tests and measurements. The same settings make the same input, for ever.</summary>
public static class Generators
{
    /// <summary>A shop whose customers come, move and leave, and whose orders are placed, paid, shipped, corrected, cancelled and cleared away.</summary>
    /// <param name="shop">The shop; default: the one of seed 1.</param>
    /// <param name="options">How fast and how much; default: as fast as it goes, without end.</param>
    public static ShopTables Shop(ShopGenerator? shop = null, GeneratorOptions? options = null)
    {
        var origin = new GeneratorOrigin(shop ?? new ShopGenerator(), options ?? new GeneratorOptions());
        return new ShopTables(Table<int, ShopCustomer>(origin, ShopGenerator.CustomersTable, "customers"), Table<int, ShopOrder>(origin, ShopGenerator.OrdersTable, "orders"));
    }

    /// <summary>One table of a generator of your own.</summary>
    /// <param name="origin">The generator and its options; the same for all its tables, so that its transactions stay whole.</param>
    /// <param name="table">The table's number in the generator's batches.</param>
    /// <param name="name">The table's name.</param>
    /// <typeparam name="TKey">The type of the key.</typeparam>
    /// <typeparam name="TRow">The type of the rows.</typeparam>
    public static ISource<Core.Upsert<TKey, TRow>> Table<TKey, TRow>(GeneratorOrigin origin, int table, string name) =>
        new GeneratedTable<Core.Upsert<TKey, TRow>>(origin, table, name);
}

/// <summary>The tables of a shop.</summary>
/// <param name="Customers">Customers by id.</param>
/// <param name="Orders">Orders by id.</param>
public sealed record ShopTables(ISource<Core.Upsert<int, ShopCustomer>> Customers, ISource<Core.Upsert<int, ShopOrder>> Orders);
