using Pathway.Connectors;
using Pathway.Core;
using Pathway.Tests.Unit.Storage;

namespace Pathway.Tests.Unit.Evolution;

public sealed record Sale(int Id, int Customer, long Amount, string Item);

public sealed record Buyer(int Id, string Name);

public sealed record BuyerTotal(int Buyer, long Sales, long Amount);

public sealed record ItemTotal(string Item, long Sales, long Amount);

public sealed record NamedSale(int Id, string Name, long Amount);

/// <summary>A shop whose pipeline is changed from run to run: its sources, its target and its state directory stay.</summary>
internal sealed class EvolvingShop : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<Upsert<int, Sale>> _sales = [];
    private readonly List<Upsert<int, Buyer>> _buyers = [];

    /// <summary>The rows that are there now.</summary>
    public Dictionary<int, Sale> Sales { get; } = [];

    /// <inheritdoc cref="Sales"/>
    public Dictionary<int, Buyer> Buyers { get; } = [];

    public MirrorTarget Target { get; } = new();

    public string Directory => Path.Combine(_folder.Path, "state");

    public void Put(Sale sale)
    {
        _sales.Add(Upsert<int, Sale>.Put(sale.Id, sale));
        Sales[sale.Id] = sale;
    }

    public void Put(Buyer buyer)
    {
        _buyers.Add(Upsert<int, Buyer>.Put(buyer.Id, buyer));
        Buyers[buyer.Id] = buyer;
    }

    public void DeleteSale(int id)
    {
        _sales.Add(Upsert<int, Sale>.Delete(id));
        Sales.Remove(id);
    }

    /// <summary>Some changes, by number.</summary>
    public void Change(int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            if (i % 9 == 0) Put(new Buyer(i / 9 % 5, $"buyer {i % 7}"));
            else if (i % 7 == 0) DeleteSale(i * 5 % 40);
            else Put(new Sale(i * 3 % 40, i % 6, i * 11 % 100, $"item {i % 4}"));
        }
    }

    /// <summary>Runs a pipeline until everything is read and delivered.</summary>
    public async Task RunAsync(Action<Shop> describe, bool accept = false, int workers = 1, long memoryBytes = 1 << 30) =>
        await Describe(describe, accept, workers, memoryBytes).RunAsync(stop: TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    /// <summary>A pipeline over the shop.</summary>
    public Pipeline Describe(Action<Shop> describe, bool accept = false, int workers = 1, long memoryBytes = 1 << 30)
    {
        var pipeline = Pipeline.Create("shop", o => o with { StateDirectory = Directory, AcceptPlan = accept, Workers = workers, MemoryBytes = memoryBytes, CommitEvery = TimeSpan.FromMilliseconds(5) });
        describe(new Shop(pipeline, pipeline.Table(new ListSource<Upsert<int, Sale>>("sales", _sales)), pipeline.Table(new ListSource<Upsert<int, Buyer>>("buyers", _buyers)), Target));
        return pipeline;
    }

    public void Dispose() => _folder.Dispose();
}

/// <summary>What a description of a pipeline works with.</summary>
internal sealed record Shop(Pipeline Pipeline, Table<int, Sale> Sales, Table<int, Buyer> Buyers, MirrorTarget Target)
{
    /// <summary>Sends a table to the target.</summary>
    public void Send<TKey, TRow>(Table<TKey, TRow> table, string destination)
        where TKey : notnull => table.To(new KeyedSink<TKey, TRow>(Target, new JsonKeyedFormatter<TKey, TRow>(destination), destination));
}
