using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Pathway.Connectors;
using Pathway.Connectors.Debezium;
using Pathway.Connectors.Kafka;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Cli;

/// <summary><c>demo --postgres … --kafka …</c>: fills a real Postgres with the shop, and follows it: every change and the computed view go to Kafka.</summary>
internal static class ServerDemo
{
    private const string Name = "pathway-demo", Slot = "pathway_demo";

    public static async Task<int> RunAsync(DemoOptions options, string postgres, string kafka, CliContext context, LogForm form, CancellationToken stop)
    {
        if (ConnectionText.Problem(postgres) is { } problem) throw new ConfigurationException($"--postgres: {problem}");
        var pipeline = Build(options, postgres, kafka);
        await using var database = NpgsqlDataSource.Create(postgres);
        var filler = new ShopFiller(database, options.Shop, new GeneratorOptions { Rate = options.Rate, Rows = options.Rows });
        await TellAsync(() => filler.PrepareAsync(stop), "prepared");
        var screen = new DemoScreen(options, new DemoState(CommitNumber.None, new GeneratorPosition(0, 0, "")), pipeline.Status, view: null);
        using var logs = LineLoggerProvider.Factory(context.IsTerminal ? screen.Notes : context.Error, form, context.Debug);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var following = Task.Run(() => pipeline.RunAsync(logs.CreateLogger("Pathway"), stop: ending.Token), CancellationToken.None);
        await Task.WhenAny(pipeline.Status.Streaming, following);
        if (!following.IsCompleted)
        {
            context.Output.WriteLine(StartScreen.Of(pipeline.Status.Start!, CommandLine.Version));
            context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Writes the shop ({options.Shop.Settings}) from transaction {filler.Position.Transaction + 1:N0} on into schema demo; read topics demo.demo.* and demo.orders-per-customer to see what comes of it."));
            // Whichever ends first takes the other with it.
            var filling = FillAsync(filler, database, ending);
            var both = Task.WhenAll(EndAsync(following, ending), filling);
            await (context.IsTerminal ? LiveScreen.ShowAsync(screen, context.Output, both) : PlainScreen.ShowAsync(screen, context.Output, both));
            await following;
            await filling;
        }

        await following;
        context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Stopped behind commit {pipeline.Status.LastCommit}: {filler.Position.Rows:N0} rows written in all, {pipeline.Status.RowsDelivered:N0} records delivered since the start."));
        return ExitCode.Stopped;
    }

    private static Pipeline Build(DemoOptions options, string postgres, string kafka)
    {
        var source = new PostgresOptions { Connection = postgres, Name = Name, Slot = Slot, Publication = Slot };
        var target = new KafkaOptions { BootstrapServers = kafka };
        var pipeline = Pipeline.Create(Name, options.In);
        var orders = pipeline.Table(Postgres.Table<int, ShopOrder>("demo.orders", source)).Named("orders");
        var customers = pipeline.Table(Postgres.Table<int, ShopCustomer>("demo.customers", source)).Named("customers");
        DemoView.OrdersPerCustomer(orders, customers).To(Kafka.Keyed<int, CustomerTotal>("demo.orders-per-customer", target));
        var form = new DebeziumOptions { TopicPrefix = "demo", Database = new NpgsqlConnectionStringBuilder(postgres).Database! };
        pipeline.Stream(Postgres.Changes(["demo.orders", "demo.customers"], source)).To(Kafka.Stream(new DebeziumJsonFormatter(form, TimeProvider.System), target, "topics demo.demo.* as debezium-json"));
        return pipeline;
    }

    private static async Task EndAsync(Task following, CancellationTokenSource ending)
    {
        try
        {
            await following;
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    // Ends the pipeline when everything is written and followed, or when writing fails.
    private static async Task FillAsync(ShopFiller filler, NpgsqlDataSource database, CancellationTokenSource ending)
    {
        try
        {
            await TellAsync(() => filler.RunAsync(ending.Token), "written");
            while (!await IsFollowedAsync(filler, database, ending.Token)) await Task.Delay(100, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Asked to stop, or the pipeline ended.
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    // A position is confirmed when it is delivered: then the last transaction is in Kafka.
    private static async Task<bool> IsFollowedAsync(ShopFiller filler, NpgsqlDataSource database, CancellationToken stop)
    {
        if (filler.LastLsn is null) return true;
        await using var query = database.CreateCommand("SELECT confirmed_flush_lsn > $1::pg_lsn FROM pg_replication_slots WHERE slot_name = $2");
        query.Parameters.AddWithValue(filler.LastLsn);
        query.Parameters.AddWithValue(Slot);
        return await query.ExecuteScalarAsync(stop) is true;
    }

    private static async Task TellAsync(Func<Task> work, string what)
    {
        try
        {
            await work();
        }
        catch (NpgsqlException failure)
        {
            throw new ConnectorException($"The shop can't be {what} in Postgres: {failure.Message}", failure);
        }
    }
}
