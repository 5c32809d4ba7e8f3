using CsCheck;
using Pathway.Core;
using Pathway.Testing;

namespace Pathway.Tests.Unit.Engine;

/// <summary>The query of the thread: filter, join, group with count and sum; the law is that after every epoch it equals LINQ to objects over the rows present (I6).</summary>
[Trait("suite", "unit")]
public sealed class ShopQueryTests
{
    public sealed record Order(int Id, int? CustomerId, decimal Amount, int Pieces, bool Cancelled);

    public sealed record Customer(int Id, string Name);

    public sealed record Total(int Customer, long Orders, decimal Amount, int Pieces);

    private static Table<int, Total> Totals(Table<int, Order> orders, Table<int, Customer> customers) =>
        from o in orders
        where !o.Cancelled
        join c in customers on o.CustomerId ?? -1 equals c.Id
        group o by c.Id into g
        select new Total(g.Key, g.Count(), g.Sum(o => o.Amount), g.Sum(o => o.Pieces));

    private static Dictionary<int, Total> Recomputed(IReadOnlyDictionary<int, Order> orders, IReadOnlyDictionary<int, Customer> customers) =>
        (from o in orders.Values
         where !o.Cancelled
         join c in customers.Values on o.CustomerId ?? -1 equals c.Id
         group o by c.Id into g
         select new Total(g.Key, g.Count(), g.Sum(o => o.Amount), g.Sum(o => o.Pieces))).ToDictionary(t => t.Customer);

    /// <summary>One thing that happens in a test: a change of a table, or what lies between changes.</summary>
    private enum Step
    {
        PutOrder, DeleteOrder, PutCustomer, DeleteCustomer, PatchOrder, MoveOrder, ClearOrders, CloseEpoch, Commit, Restart,
    }

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (8, Gen.Const(Step.PutOrder)), (3, Gen.Const(Step.DeleteOrder)), (3, Gen.Const(Step.PutCustomer)), (2, Gen.Const(Step.DeleteCustomer)), (1, Gen.Const(Step.PatchOrder)), (1, Gen.Const(Step.MoveOrder)), (1, Gen.Const(Step.ClearOrders)),
        (5, Gen.Const(Step.CloseEpoch)), (2, Gen.Const(Step.Commit)), (1, Gen.Const(Step.Restart)));

    [Fact]
    public void Query_RandomChangesEpochsCommitsAndRestarts_EqualsRecomputation() => Gen.Select(Steps.List[1, 120], Gen.Int[0, int.MaxValue]).Sample(
        (steps, seed) =>
        {
            var random = new Random(seed);
            var test = new TestPipeline();
            var (orders, customers) = (test.Table<int, Order>("orders"), test.Table<int, Customer>("customers"));
            var totals = test.Collect(Totals(orders.Table, customers.Table));
            var (orderRows, customerRows) = (new Dictionary<int, Order>(), new Dictionary<int, Customer>());
            foreach (var step in steps)
            {
                var id = random.Next(1, 8);
                switch (step)
                {
                    case Step.PutOrder:
                        orders.Put(id, orderRows[id] = new Order(id, random.Next(4) == 0 ? null : random.Next(1, 4), random.Next(100) / 4m, random.Next(5), random.Next(4) == 0));
                        break;
                    case Step.DeleteOrder:
                        orders.Delete(id);
                        orderRows.Remove(id);
                        break;
                    case Step.PatchOrder when orderRows.TryGetValue(id, out var order):
                        orders.Change(id, o => o with { Pieces = o.Pieces + 1 });
                        orderRows[id] = order with { Pieces = order.Pieces + 1 };
                        break;
                    case Step.MoveOrder when orderRows.Remove(id, out var moved):
                        orders.Move(id, id % 7 + 1, o => o with { Id = id % 7 + 1 });
                        orderRows[id % 7 + 1] = moved with { Id = id % 7 + 1 };
                        break;
                    case Step.ClearOrders:
                        orders.Clear();
                        orderRows.Clear();
                        break;
                    case Step.PutCustomer:
                        customers.Put(id % 4, customerRows[id % 4] = new Customer(id % 4, $"name {random.Next(3)}"));
                        break;
                    case Step.DeleteCustomer:
                        customers.Delete(id % 4);
                        customerRows.Remove(id % 4);
                        break;
                    case Step.CloseEpoch:
                        test.CloseEpoch();
                        Assert.Equal(Recomputed(orderRows, customerRows), totals.Rows);
                        break;
                    case Step.Commit:
                        test.CloseEpoch();
                        test.Commit();
                        break;
                    case Step.Restart:
                        test.CloseEpoch();
                        test.Commit();
                        test.Restart();
                        break;
                }
            }

            test.CloseEpoch();
            Assert.Equal(Recomputed(orderRows, customerRows), totals.Rows);
        },
        iter: 400);

    [Fact]
    public void CloseEpoch_RowReplacedByAnEqualOne_GivesNothing()
    {
        var test = new TestPipeline();
        var orders = test.Table<int, Order>("orders");
        var all = test.Collect(orders.Table);
        orders.Put(1, new Order(1, 1, 5, 1, false));
        Assert.Single(test.CloseEpoch(all));
        orders.Put(1, new Order(1, 1, 5, 1, false));
        Assert.Empty(test.CloseEpoch(all));
    }

    [Fact]
    public void CloseEpoch_PatchOfAnUnknownRow_NamesTableAndKey()
    {
        var test = new TestPipeline();
        var orders = test.Table<int, Order>("public.orders");
        test.Collect(orders.Table);
        orders.Change(7, o => o);
        var thrown = Assert.Throws<BadDataException>(test.CloseEpoch);
        Assert.Contains("public.orders", thrown.Message);
        Assert.Contains("key 7", thrown.Message);
    }

    [Fact]
    public void CloseEpoch_SumOverflows_StopsRatherThanWrap()
    {
        var test = new TestPipeline();
        var orders = test.Table<int, Order>("orders");
        test.Collect(orders.Table.GroupBy(o => o.Cancelled).Select(g => new ValueTuple<bool, int>(g.Key, g.Sum(o => o.Pieces))));
        orders.Put(1, new Order(1, 1, 0, int.MaxValue, false));
        orders.Put(2, new Order(2, 1, 0, 1, false));
        Assert.Contains("orders/Upsert/Rows/GroupBy", Assert.Throws<BadDataException>(test.CloseEpoch).Message);
    }

    [Fact]
    public void Select_GroupHandedOnAsAWhole_IsRefusedAtBuild()
    {
        var test = new TestPipeline();
        var orders = test.Table<int, Order>("orders");
        var thrown = Assert.Throws<ConfigurationException>(() => orders.Table.GroupBy(o => o.Pieces).Select(g => new ValueTuple<int, bool>(g.Key, g.Equals(null))));
        Assert.Contains("its Key and for reducers only", thrown.Message);
    }

    [Fact]
    public void Build_RowTypeWithAnArray_IsRefusedWithTheMember()
    {
        var test = new TestPipeline();
        var orders = test.Table<int, Order>("orders");
        Assert.Contains("Numbers", Assert.ThrowsAny<PathwayException>(() => orders.Table.Select(o => new WithArray(o.Id, new[] { 1 }))).Message);
    }

    [Fact]
    public void Build_TwoEqualStatefulSiblings_AskForAName()
    {
        var test = new TestPipeline();
        var orders = test.Table<int, Order>("orders");
        test.Collect(orders.Table.GroupBy(o => o.Pieces).Select(g => g.Count()));
        test.Collect(orders.Table.GroupBy(o => o.Amount).Select(g => g.Count()));
        Assert.Contains(".Named", Assert.Throws<ConfigurationException>(test.CloseEpoch).Message);
    }

    public sealed record WithArray(int Id, int[] Numbers);
}
