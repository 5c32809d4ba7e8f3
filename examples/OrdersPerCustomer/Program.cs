// Orders and money per customer, kept up to date: from Postgres to a Kafka topic, or, the same lines, from files to a file.
//   OrdersPerCustomer --postgres "Host=…;Database=shop;…" --kafka localhost:9092 [--state DIR] [--name NAME] [--topic TOPIC] [--workers N]
//   OrdersPerCustomer --files DIR     reads DIR/orders.jsonl and DIR/customers.jsonl, writes DIR/orders-per-customer.jsonl
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using OrdersPerCustomer;
using Pathway;
using Pathway.Connectors;
using Pathway.Connectors.Kafka;
using Pathway.Connectors.Postgres;

string? Argument(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

var folder = Argument("--files");
var pipeline = Pipeline.Create(Argument("--name") ?? "orders-per-customer", options => options with
{
    StateDirectory = Argument("--state") ?? Path.Combine(folder ?? ".", "orders-per-customer-state"),
    Workers = Argument("--workers") is { } workers ? int.Parse(workers, CultureInfo.InvariantCulture) : 1,
});
if (folder is not null)
{
    var orders = pipeline.Table(Files.Table<int, Order>(Path.Combine(folder, "orders.jsonl"), o => o.Id));
    var customers = pipeline.Table(Files.Table<int, Customer>(Path.Combine(folder, "customers.jsonl"), c => c.Id));
    Queries.OrdersPerCustomer(orders, customers).To(Files.KeyedSink<int, CustomerTotal>(Path.Combine(folder, "orders-per-customer.jsonl")));
}
else if (Argument("--postgres") is { } connection && Argument("--kafka") is { } brokers)
{
    var shop = new PostgresOptions { Connection = connection, Name = pipeline.Name };
    var orders = pipeline.Table(Postgres.Table<int, Order>("public.orders", shop));
    var customers = pipeline.Table(Postgres.Table<int, Customer>("public.customers", shop));
    Queries.OrdersPerCustomer(orders, customers).To(Kafka.Keyed<int, CustomerTotal>(Argument("--topic") ?? "orders-per-customer", new KafkaOptions { BootstrapServers = brokers }));
}
else
{
    Console.Error.WriteLine("Usage: OrdersPerCustomer --postgres CONNECTION --kafka BROKERS [--state DIR] | --files DIR");
    return 2;
}

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
await pipeline.RunAsync(loggers.CreateLogger("orders-per-customer"), stop: stop.Token);
return 0;
