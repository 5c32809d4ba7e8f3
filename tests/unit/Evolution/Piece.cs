using System.Text.Json;
using Pathway.Connectors;

namespace Pathway.Tests.Unit.Evolution;

/// <summary>A piece of a pipeline, by number, with what a plain recomputation gives for it.</summary>
/// <param name="Text">What it is.</param>
/// <param name="Destination">Where it goes.</param>
/// <param name="Describe">Adds it to a pipeline.</param>
/// <param name="Recompute">Its rows by key.</param>
internal sealed record Piece(string Text, string Destination, Action<Shop> Describe, Func<EvolvingShop, Dictionary<string, string>> Recompute)
{
    /// <summary>All of them: several for each destination, of different steps, keys and aggregates.</summary>
    public static IReadOnlyList<Piece> All { get; } =
    [
        Of("count and sum", "buyers", s => s.Sales.GroupBy(x => x.Customer).Select(g => new BuyerTotal(g.Key, g.Count(), g.Sum(x => x.Amount))),
            s => s.Sales.Values.GroupBy(x => x.Customer).ToDictionary(g => g.Key, g => new BuyerTotal(g.Key, g.LongCount(), g.Sum(x => x.Amount)))),
        Of("count and maximum", "buyers", s => s.Sales.GroupBy(x => x.Customer).Select(g => new BuyerTotal(g.Key, g.Count(), g.Max(x => x.Amount))),
            s => s.Sales.Values.GroupBy(x => x.Customer).ToDictionary(g => g.Key, g => new BuyerTotal(g.Key, g.LongCount(), g.Max(x => x.Amount)))),
        Of("of large sales", "buyers", s => s.Sales.Where(x => x.Amount > 60).GroupBy(x => x.Customer).Select(g => new BuyerTotal(g.Key, g.Count(), g.Sum(x => x.Amount))),
            s => s.Sales.Values.Where(x => x.Amount > 60).GroupBy(x => x.Customer).ToDictionary(g => g.Key, g => new BuyerTotal(g.Key, g.LongCount(), g.Sum(x => x.Amount)))),
        Of("of known buyers, many sales", "buyers", s => s.Sales.SemiJoin(s.Buyers, x => x.Customer, b => b.Id).GroupBy(x => x.Customer).Select(g => new BuyerTotal(g.Key, g.Count(), g.Sum(x => x.Amount))).Where(t => t.Sales > 4),
            s => s.Sales.Values.Where(x => s.Buyers.ContainsKey(x.Customer)).GroupBy(x => x.Customer).Where(g => g.Count() > 4).ToDictionary(g => g.Key, g => new BuyerTotal(g.Key, g.LongCount(), g.Sum(x => x.Amount)))),
        Of("names by join", "names", s => s.Sales.Join(s.Buyers, x => x.Customer, b => b.Id, (x, b) => new NamedSale(x.Id, b.Name, x.Amount)).WithKey(n => n.Id),
            s => s.Sales.Values.Where(x => s.Buyers.ContainsKey(x.Customer)).ToDictionary(x => x.Id, x => new NamedSale(x.Id, s.Buyers[x.Customer].Name, x.Amount))),
        Of("names by left join", "names", s => s.Sales.LeftJoin(s.Buyers, x => x.Customer, b => b.Id, (x, b) => new NamedSale(x.Id, b?.Name ?? "nobody", x.Amount)).WithKey(n => n.Id),
            s => s.Sales.Values.ToDictionary(x => x.Id, x => new NamedSale(x.Id, s.Buyers.TryGetValue(x.Customer, out var b) ? b.Name : "nobody", x.Amount))),
        Of("names, then items", "items", s => s.Sales.Join(s.Buyers, x => x.Customer, b => b.Id, (x, b) => new ItemTotal(b.Name, x.Id, x.Amount)).Named("names of sales").GroupBy(n => n.Item).Select(g => new ItemTotal(g.Key, g.Count(), g.Min(n => n.Amount))),
            s => s.Sales.Values.Where(x => s.Buyers.ContainsKey(x.Customer)).GroupBy(x => s.Buyers[x.Customer].Name).ToDictionary(g => g.Key, g => new ItemTotal(g.Key, g.LongCount(), g.Min(x => x.Amount)))),
        Of("items", "items", s => s.Sales.GroupBy(x => x.Item).Select(g => new ItemTotal(g.Key, g.Count(), g.Sum(x => x.Amount))),
            s => s.Sales.Values.GroupBy(x => x.Item).ToDictionary(g => g.Key, g => new ItemTotal(g.Key, g.LongCount(), g.Sum(x => x.Amount)))),
        Of("greatest of each item", "items", s => s.Sales.Rows().Top(1, x => x.Item, x => (x.Amount, x.Id)).Select(x => new ItemTotal(x.Item, x.Id, x.Amount)).WithKey(t => t.Item),
            s => s.Sales.Values.GroupBy(x => x.Item).ToDictionary(g => g.Key, g => g.OrderBy(x => x.Amount).ThenBy(x => x.Id).Select(x => new ItemTotal(x.Item, x.Id, x.Amount)).Last())),
        Of("items of two amounts", "items", s => s.Sales.Select(x => new ItemTotal(x.Item, x.Amount % 3, 0)).Rows().Distinct().GroupBy(x => x.Item).Select(g => new ItemTotal(g.Key, g.Count(), g.Sum(x => x.Sales))),
            s => s.Sales.Values.Select(x => (x.Item, Three: x.Amount % 3)).Distinct().GroupBy(x => x.Item).ToDictionary(g => g.Key, g => new ItemTotal(g.Key, g.LongCount(), g.Sum(x => x.Three)))),
        Of("customers that buy on", "reached", s => Reached(s).GroupBy(r => r.From).Select(g => new BuyerTotal(g.Key, g.Count(), g.Sum(r => r.To))),
            s => Reached(s).GroupBy(r => r.From).ToDictionary(g => g.Key, g => new BuyerTotal(g.Key, g.LongCount(), g.Sum(r => (long)r.To)))),
        Of("who is bought on from", "reached", s => Reached(s).GroupBy(r => r.To).Select(g => new BuyerTotal(g.Key, g.Count(), g.Min(r => r.From))),
            s => Reached(s).GroupBy(r => r.To).ToDictionary(g => g.Key, g => new BuyerTotal(g.Key, g.LongCount(), g.Min(r => r.From)))),
    ];

    // A loop, which can't tell its rows: where they are needed it is made anew.
    private static Table<Step> Reached(Shop shop)
    {
        var steps = shop.Sales.Select(x => new Step(x.Customer, (int)(x.Amount % 7))).Rows().Distinct().Named("steps");
        return steps.Iterate(reached => reached.Join(steps, r => r.To, s => s.From, (r, s) => new Step(r.From, s.To)).Named("next").Concat(steps).Distinct().Named("reached"));
    }

    private static HashSet<Step> Reached(EvolvingShop shop)
    {
        var steps = shop.Sales.Values.Select(x => new Step(x.Customer, (int)(x.Amount % 7))).ToHashSet();
        var reached = steps.ToHashSet();
        for (var before = 0; before != reached.Count;)
        {
            before = reached.Count;
            reached.UnionWith(reached.SelectMany(r => steps.Where(s => s.From == r.To), (r, s) => new Step(r.From, s.To)).ToList());
        }

        return reached;
    }

    private static Piece Of<TKey, TRow>(string text, string destination, Func<Shop, Table<TKey, TRow>> query, Func<EvolvingShop, Dictionary<TKey, TRow>> recompute)
        where TKey : notnull => new(
            text, destination, shop => shop.Send(query(shop).Named($"{destination}: {text}"), destination),
            shop => recompute(shop).ToDictionary(r => JsonSerializer.Serialize(r.Key, RowJson.Options), r => JsonSerializer.Serialize(r.Value, RowJson.Options)));
}

/// <summary>From one to another.</summary>
public sealed record Step(int From, int To);
