using System.Text.Json;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Tests.Unit.Storage;
using JsonFiles = Pathway.Connectors.Files;

namespace Pathway.Tests.Unit.Evolution;

/// <summary>Plans that change over folders and over answers from outside, and plans that stay the same though their files move or their code is written otherwise.</summary>
[Trait("suite", "unit")]
public sealed class KeptPlacesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MirrorTarget _target = new();
    private int _asked;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_WithANewStepOverAFolder_CountsWhatIsThereNow()
    {
        Write("in/a.jsonl", Sale(1, "ann", 5), Sale(2, "bob", 6));
        Write("in/b.jsonl", Sale(3, "ann", 7));
        await RunAsync(Buyers);
        Write("in/a.jsonl", Sale(1, "ann", 50));
        File.Delete(At("in/b.jsonl"));
        Write("in/c.jsonl", Sale(4, "cid", 9));
        await RunAsync(Buyers);
        await RunAsync(sales =>
        {
            Buyers(sales);
            Send(sales.GroupBy(s => s.Amount > 20).Select(g => new Amounts(g.Key, g.Count())).Named("amounts"), "amounts");
        });
        Assert.Equal(["\"ann\" 50", "\"cid\" 9"], Found<Total>("buyers", t => t.Sum));
        Assert.Equal(["false 1", "true 1"], Found<Amounts>("amounts", a => a.Sales));

        async Task RunAsync(Action<Table<JsonSale>> describe)
        {
            var pipeline = Pipeline.Create("sales", o => o with { StateDirectory = At("state"), AcceptPlan = true });
            describe(pipeline.Table(JsonFiles.Folder(At("in"), "*.jsonl", FileForm.Json<JsonSale>())).Rows());
            await pipeline.RunAsync(stop: Stop);
        }
    }

    [Fact]
    public async Task Run_WithANewStepBehindAnswers_AsksNobodyAgain()
    {
        Write("sales.jsonl", Sale(1, "ann", 5), Sale(2, "bob", 6), Sale(3, "ann", 7));
        await RunAsync(false);
        await RunAsync(true);
        File.AppendAllLines(At("sales.jsonl"), [Sale(4, "bob", 8)]);
        await RunAsync(true);
        Assert.Equal(4, _asked);
        Assert.Equal(["\"ann\" 2", "\"bob\" 2"], Found<Total>("buyers", t => t.Sum));
        Assert.Equal(["1 1", "2 1", "3 1", "4 1"], Found<Amounts>("answers", a => a.Sales));

        async Task RunAsync(bool more)
        {
            var pipeline = Pipeline.Create("sales", o => o with { StateDirectory = At("state"), AcceptPlan = true });
            var answered = pipeline.Table(JsonFiles.Stream<JsonSale>(At("sales.jsonl"))).SelectAsync((_, _) => ValueTask.FromResult(Interlocked.Increment(ref _asked)), (sale, answer) => (sale.Buyer, Answer: answer));
            Send(answered.GroupBy(a => a.Buyer).Select(g => new Total(g.Key, g.Count())).Named("buyers"), "buyers");
            if (more) Send(answered.GroupBy(a => a.Answer).Select(g => new Amounts(true, g.Count())).Named("answers"), "answers");
            await pipeline.RunAsync(stop: Stop);
        }
    }

    [Fact]
    public async Task Run_WithOtherQuestions_IsRefused_AndSaysWhy()
    {
        Write("sales.jsonl", Sale(1, "ann", 5));
        await RunAsync(0);
        Assert.Contains("it would ask outside about all rows at once", (await Assert.ThrowsAsync<RefusalException>(() => RunAsync(3))).Message, StringComparison.Ordinal);

        Task RunAsync(long least)
        {
            var pipeline = Pipeline.Create("sales", o => o with { StateDirectory = At("state"), AcceptPlan = true });
            var sales = pipeline.Table(JsonFiles.Stream<JsonSale>(At("sales.jsonl")));
            var asked = least == 0 ? sales : sales.Where(s => s.Amount > 3);
            Send(asked.SelectAsync((_, _) => ValueTask.FromResult(1), (sale, answer) => (sale.Buyer, answer)).Named("asked").GroupBy(a => a.Buyer).Select(g => new Total(g.Key, g.Count())).Named("buyers"), "buyers");
            return pipeline.RunAsync(stop: Stop);
        }
    }

    [Fact]
    public async Task Run_MovedWithItsFiles_AndWrittenOtherwise_IsTheSamePlan()
    {
        Write("here/sales.jsonl", Sale(1, "ann", 5), Sale(2, "bob", 6));
        await RunAsync("here", sales => sales.Where(s => s.Amount > 1).GroupBy(s => s.Buyer).Select(g => new Total(g.Key, g.Sum(s => s.Amount))));
        Directory.Move(At("here"), At("there"));
        File.AppendAllLines(At("there/sales.jsonl"), [Sale(3, "ann", 7)]);
        await RunAsync("there", all => all.Where(sale => sale.Amount>1).GroupBy(sale => sale.Buyer).Select(group => new Total(group.Key, group.Sum(x => x.Amount))));
        Assert.Equal(["\"ann\" 5 +1", "\"bob\" 6 +1", "\"ann\" 5 -1", "\"ann\" 12 +1"], File.ReadLines(At("there/totals.jsonl")).Select(Change));

        async Task RunAsync(string place, Func<Table<JsonSale>, Table<string, Total>> totals)
        {
            var pipeline = Pipeline.Create("sales", o => o with { StateDirectory = At($"{place}/state") }); // no change is accepted
            totals(pipeline.Table(JsonFiles.Stream(At($"{place}/sales.jsonl"), FileForm.Json<JsonSale>(), new FileReading { Name = "sales" }))).Rows().To(JsonFiles.ChangeSink<Total>(At($"{place}/totals.jsonl"), name: "totals"));
            await pipeline.RunAsync(stop: Stop);
        }

        static string Change(string line)
        {
            using var json = JsonDocument.Parse(line);
            return $"{json.RootElement.GetProperty("buyer").GetRawText()} {json.RootElement.GetProperty("sum")} {json.RootElement.GetProperty("diff").GetInt64():+0;-0}";
        }
    }

    private static string Sale(int id, string buyer, long amount) => JsonSerializer.Serialize(new JsonSale(id, buyer, amount), RowJson.Options);

    private string At(string path) => Path.Combine(_folder.Path, path);

    private void Write(string path, params string[] lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllLines(At(path), lines);
        File.SetLastWriteTimeUtc(At(path), DateTime.UtcNow.AddMinutes(-1)); // at rest
    }

    private void Buyers(Table<JsonSale> sales) => Send(sales.GroupBy(s => s.Buyer).Select(g => new Total(g.Key, g.Sum(s => s.Amount))).Named("buyers"), "buyers");

    private void Send<TKey, TRow>(Table<TKey, TRow> table, string destination)
        where TKey : notnull => table.To(new KeyedSink<TKey, TRow>(_target, new JsonKeyedFormatter<TKey, TRow>(destination), destination));

    private IEnumerable<string> Found<TRow>(string destination, Func<TRow, long> value) => _target.At(destination).Select(r => $"{r.Key} {value(JsonSerializer.Deserialize<TRow>(r.Value!, RowJson.Options)!)}").Order(StringComparer.Ordinal);

    public sealed record JsonSale(int Id, string Buyer, long Amount);

    public sealed record Total(string Buyer, long Sum);

    public sealed record Amounts(bool Large, long Sales);
}
