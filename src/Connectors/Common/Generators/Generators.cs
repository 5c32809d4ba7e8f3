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

    /// <summary>Whole numbers, one after the other.</summary>
    /// <param name="from">The first.</param>
    /// <param name="options">How fast and how many; default: as fast as it goes, without end.</param>
    public static ISource<long> Range(long from = 0, GeneratorOptions? options = null) => Rows("range", $"from {from}", n => from + n, options);

    /// <summary>Points beside a straight line: x is 0, 1, 2 …, y = <paramref name="slope"/> · x + <paramref name="intercept"/> and a noise between -<paramref name="noise"/> and <paramref name="noise"/>.</summary>
    /// <param name="slope">How steep.</param>
    /// <param name="intercept">The height at 0.</param>
    /// <param name="noise">The most by which a point may lie beside the line.</param>
    /// <param name="seed">Of the noise.</param>
    /// <param name="options">How fast and how many; default: as fast as it goes, without end.</param>
    public static ISource<LinePoint> NoisyLine(double slope = 1, double intercept = 0, double noise = 1, long seed = 1, GeneratorOptions? options = null) => Rows(
        "noisy-line", FormattableString.Invariant($"slope {slope}, intercept {intercept}, noise {noise}, seed {seed}"),
        n => new LinePoint(n, (slope * n) + intercept + (noise * ((2.0 * (Draw.From(seed, n, 0, 0) >> 11) / (1UL << 53)) - 1))), options);

    /// <summary>Rows of your own: row <c>n</c>, from 0, is what <paramref name="row"/> makes of <c>n</c>, and nothing else, so that it is the same after a restart.</summary>
    /// <param name="name">What they are, in a word; part of the durable name.</param>
    /// <param name="settings">Everything that they depend on, as text; a position of other settings is refused.</param>
    /// <param name="row">Makes a row of its number.</param>
    /// <param name="options">How fast and how many; default: as fast as it goes, without end.</param>
    public static ISource<TRow> Rows<TRow>(string name, string settings, Func<long, TRow> row, GeneratorOptions? options = null) =>
        new GeneratedTable<TRow>(new GeneratorOrigin(new RowGenerator<TRow>(name, settings, row), options ?? new GeneratorOptions()), 0, name);

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
