using System.Text.Json;
using OrdersPerCustomer;
using Pathway.Testing;
using JsonFiles = Pathway.Connectors.Files;
using OrderStatus = OrdersPerCustomer.OrderStatus;

namespace Pathway.Tests.Unit.Examples;

/// <summary>The example's query gives the same whether it runs on files as a batch job or is stepped by hand.</summary>
[Trait("suite", "unit")]
public sealed class OrdersPerCustomerTests : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };
    private readonly string _folder = Directory.CreateTempSubdirectory("pathway-example-").FullName;

    private static readonly Customer[] Customers = [new(1, "Ada"), new(2, "Bob"), new(3, "Céline")];

    private static readonly Order[] Orders =
    [
        new(1, 1, 12.50m, OrderStatus.Open), new(2, 1, 7.50m, OrderStatus.Paid), new(3, 2, 3m, OrderStatus.Cancelled), new(4, 9, 1m, OrderStatus.Open), new(5, 2, 4m, OrderStatus.Shipped),
        new(1, 1, 10m, OrderStatus.Open), // a later line replaces the earlier one
    ];

    private static readonly Dictionary<int, CustomerTotal> Expected = new() { [1] = new(1, 2, 17.5m), [2] = new(2, 1, 4m) };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Query_SteppedByHand_GivesTheTotals()
    {
        var test = new TestPipeline();
        var (orders, customers) = (test.Table<int, Order>("orders"), test.Table<int, Customer>("customers"));
        var totals = test.Collect(Queries.OrdersPerCustomer(orders.Table, customers.Table));
        foreach (var order in Orders)
        {
            orders.Put(order.Id, order);
            test.CloseEpoch();
        }

        foreach (var customer in Customers) customers.Put(customer.Id, customer);
        test.CloseEpoch();
        Assert.Equal(Expected, totals.Rows);
    }

    [Fact]
    public async Task Query_OnFilesAsABatchJob_GivesTheSame()
    {
        await File.WriteAllLinesAsync(Path.Combine(_folder, "orders.jsonl"), Orders.Select(o => JsonSerializer.Serialize(o, Json)), TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(Path.Combine(_folder, "customers.jsonl"), Customers.Select(c => JsonSerializer.Serialize(c, Json)), TestContext.Current.CancellationToken);
        var pipeline = Pipeline.Create("batch", options => options with { StateDirectory = Path.Combine(_folder, "state") });
        var orders = pipeline.Table(JsonFiles.Table<int, Order>(Path.Combine(_folder, "orders.jsonl"), o => o.Id));
        var customers = pipeline.Table(JsonFiles.Table<int, Customer>(Path.Combine(_folder, "customers.jsonl"), c => c.Id));
        var output = Path.Combine(_folder, "totals.jsonl");
        Queries.OrdersPerCustomer(orders, customers).To(JsonFiles.KeyedSink<int, CustomerTotal>(output));

        await pipeline.RunAsync(stop: TestContext.Current.CancellationToken);

        var found = new Dictionary<int, CustomerTotal>();
        foreach (var line in await File.ReadAllLinesAsync(output, TestContext.Current.CancellationToken))
        {
            var change = JsonSerializer.Deserialize<Line>(line, Json)!;
            if (change.Row is null) found.Remove(change.Key);
            else found[change.Key] = change.Row;
        }

        Assert.Equal(Expected, found);
    }

    private sealed record Line(int Key, CustomerTotal? Row);
}
