using Pathway.Connectors;

namespace Pathway.Samples;

/// <summary>The samples of docs/FILES.md. Paths are below the folder of a run.</summary>
internal static class FileSamples
{
    public sealed record Sale(string Shop, int Amount);

    public sealed record Shop(string Name, string City);

    public sealed record ShopTotal(string Shop, long Sales, int Amount);

    public sealed record Reading(int Sensor, long Value);

    public sealed record Ride(DateTimeOffset At, string Name);

    public static Table<string> ReadFiles(Pipeline pipeline)
    {
        var sales = pipeline.Table(Files.Csv<Sale>("in/sales.csv"));
        var notes = pipeline.Table(Files.Lines("in/notes.txt"));
        var shops = pipeline.Table(Files.Table<string, Shop>("in/shops.jsonl", s => s.Name));

        return sales.Join(shops, s => s.Shop, s => s.Name, (sale, shop) => $"{sale.Amount} in {shop.City}").Concat(notes);
    }

    public static void WatchFolder(Pipeline pipeline)
    {
        var sales = pipeline.Table(Files.Folder("in", "*.csv", FileForm.Csv<Sale>(), new FileReading { Follow = true }));
        sales.GroupBy(s => s.Shop)
            .Select(g => new ShopTotal(g.Key, g.Count(), g.Sum(s => s.Amount)))
            .To(Files.KeyedSink<string, ShopTotal>("out/totals.jsonl"));
    }

    public static Table<string> MakeUp(Pipeline pipeline)
    {
        var numbers = pipeline.Table(Generators.Range(from: 1, new GeneratorOptions { Rows = 1000 }));
        var points = pipeline.Table(Generators.NoisyLine(slope: 2, noise: 0.5, options: new GeneratorOptions { Rows = 1000, Rate = 100_000 }));
        var readings = pipeline.Table(Generators.Rows("sensor", "ten sensors", n => new Reading((int)(n % 10), n * 7 % 100), new GeneratorOptions { Rows = 1000 }));

        return numbers.Select(_ => "number").Concat(points.Select(_ => "point"), readings.Select(_ => "reading"));
    }

    public static Table<string> ReplayRides(Pipeline pipeline)
    {
        var rides = pipeline.Table(Files.Replay("in/rides.csv", FileForm.Csv<Ride>(), r => r.At, speed: 3600));
        return rides.Select(r => r.Name);
    }

    public static Table<string> Record(Pipeline pipeline)
    {
        var sales = pipeline.Table(Files.Csv<Sale>("in/sales.csv").RecordTo("session.jsonl"));
        return sales.Select(s => s.Shop);
    }

    public static Table<string> ReplaySession(Pipeline pipeline)
    {
        var sales = pipeline.Table(Recording.Replay<Sale>("session.jsonl"));
        return sales.Select(s => s.Shop);
    }
}
