using CsCheck;
using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Tests.Unit.Connectors;

[Trait("suite", "unit")]
public sealed class ShopTests
{
    private static readonly ShopGenerator Small = new() { Seed = 7, Customers = 50, Window = 300 };

    [Fact]
    public void Generate_ManyTransactions_ChangesOnlyWhatIsThere()
    {
        var tables = new Tables(Small);
        for (var number = 1; number <= 5_000; number++) tables.Apply(number);
        Assert.InRange(tables.Orders.Count, 500, Small.Window * 4);
        Assert.InRange(tables.Customers.Count, 30, 50);
        Assert.True(tables.Inserts > 5_000 && tables.Updates > 5_000 && tables.Deletes > 5_000);
        Assert.True(tables.KeysUsedAgain > 1_000);
        Assert.Equal(5, tables.Orders.Values.Select(o => o.Status).Distinct().Count());
        Assert.Contains(tables.Orders.Values, order => !tables.Customers.ContainsKey(order.CustomerId));
    }

    [Fact]
    public void Generate_AnyTransaction_DependsOnItsNumberAlone() => Gen.Long[1, 1_000_000_000_000].Sample(number =>
    {
        var (alone, after) = (Small.NewBatch(16), new ShopGenerator { Seed = 7, Customers = 50, Window = 300 }.NewBatch(16));
        Small.Generate(number, alone);
        Small.Generate(number - 1 > 0 ? number - 1 : 1, Small.NewBatch(16));
        Small.Generate(number, after);
        Assert.Equal(Text(alone), Text(after));
    });

    /// <summary>What was made up once is made up for ever: positions of old states depend on it.</summary>
    [Fact]
    public void Generate_TheDefaultShop_IsTheOneOfAllVersions()
    {
        var batch = new ShopGenerator().NewBatch(100_000);
        for (var number = 1; number <= 10_000; number++) new ShopGenerator().Generate(number, batch);
        var sum = 14695981039346656037UL;
        foreach (var letter in Text(batch)) sum = (sum ^ letter) * 1099511628211UL;
        Assert.Equal((95_642, 12_176_083_422_300_856_147UL), (batch.Rows, sum));
    }

    [Fact]
    public void Generate_OtherSeed_MakesOtherRows()
    {
        var (one, two) = (Small.NewBatch(16), Small.NewBatch(16));
        Small.Generate(1, one);
        (Small with { Seed = 8 }).Generate(1, two);
        Assert.NotEqual(Text(one), Text(two));
    }

    private static string Text(GeneratedBatch batch)
    {
        var lines = new List<string>();
        foreach (var change in batch.Table<Upsert<int, ShopCustomer>>(0).Rows) lines.Add(change.IsDelete ? $"-{change.Key}" : $"+{change.Row}");
        foreach (var change in batch.Table<Upsert<int, ShopOrder>>(1).Rows) lines.Add(change.IsDelete ? $"-{change.Key}" : FormattableString.Invariant($"+{change.Row}"));
        return string.Join('\n', lines);
    }

    private sealed class Tables(ShopGenerator shop)
    {
        private readonly HashSet<int> _gone = [];

        public Dictionary<int, ShopOrder> Orders { get; } = [];

        public Dictionary<int, ShopCustomer> Customers { get; } = [];

        public int Inserts { get; private set; }

        public int Updates { get; private set; }

        public int Deletes { get; private set; }

        public int KeysUsedAgain { get; private set; }

        public void Apply(long number)
        {
            var batch = shop.NewBatch(16);
            shop.Generate(number, batch);
            Apply(Customers, batch.Table<Upsert<int, ShopCustomer>>(ShopGenerator.CustomersTable).Rows, []);
            Apply(Orders, batch.Table<Upsert<int, ShopOrder>>(ShopGenerator.OrdersTable).Rows, _gone);
        }

        private void Apply<TRow>(Dictionary<int, TRow> table, ReadOnlySpan<Upsert<int, TRow>> changes, HashSet<int> gone)
        {
            foreach (var change in changes)
            {
                if (change.IsDelete)
                {
                    Assert.True(table.Remove(change.Key), $"{change.Key} is deleted and isn't there");
                    gone.Add(change.Key);
                    Deletes++;
                }
                else if (table.ContainsKey(change.Key))
                {
                    table[change.Key] = change.Row!;
                    Updates++;
                }
                else
                {
                    table.Add(change.Key, change.Row!);
                    if (gone.Remove(change.Key)) KeysUsedAgain++;
                    Inserts++;
                }
            }
        }
    }
}
