using Pathway.Cli;
using Pathway.Core;

namespace Pathway.Tests.Unit.Cli;

[Trait("suite", "unit")]
public sealed class ViewFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    [Fact]
    public void Advance_AsLinesCome_PlaysThemBackOnce()
    {
        var file = new ViewFile(_path);
        Append(Put(1, 2, "10.50"), Put(2, 1, "3"));
        file.Advance();
        Append(Delete(1), Put(2, 2, "4"));
        file.Advance();
        Assert.Equal([new CustomerTotal(2, 2, 4m)], file.View.Values);
        Assert.Equal((4, null, new FileInfo(_path).Length), (file.Lines, file.FirstRepeat, file.Bytes));
    }

    [Fact]
    public void Advance_HalfALine_WaitsForTheRest()
    {
        var file = new ViewFile(_path);
        var line = Put(1, 2, "10.50");
        File.AppendAllText(_path, line[..10]);
        file.Advance();
        Assert.Empty(file.View);
        Append(line[10..]);
        file.Advance();
        Assert.Single(file.View);
    }

    [Fact]
    public void Advance_ManyBytes_StopsWhereItWasToldAndGoesOn()
    {
        for (var i = 0; i < 60_000; i++) File.AppendAllText(_path, i % 2_000 == 0 ? string.Concat(Enumerable.Range(i, 2_000).Select(k => Put(k, 1, "5") + "\n")) : "");
        var file = new ViewFile(_path);
        file.Advance(most: 1);
        Assert.InRange(file.Lines, 1, 59_999);
        file.Advance();
        Assert.Equal((60_000, 60_000), (file.Lines, file.View.Count));
    }

    [Fact]
    public void Advance_TheSameLineTwice_IsNoticed()
    {
        var file = new ViewFile(_path);
        Append(Put(1, 2, "10.50"), Put(2, 2, "1"), Put(1, 2, "10.50"));
        file.Advance();
        Assert.StartsWith("line 3 repeats what stands already: key 1,", file.FirstRepeat);
    }

    [Fact]
    public void Advance_ADeleteOfNothing_IsNoticed()
    {
        var file = new ViewFile(_path);
        Append(Delete(5));
        file.Advance();
        Assert.Equal("line 1 repeats what stands already: key 5, deleted", file.FirstRepeat);
    }

    [Fact]
    public void Advance_AShorterFile_BeginsAnew()
    {
        var file = new ViewFile(_path);
        Append(Put(1, 2, "10.50"), Put(2, 2, "1"));
        file.Advance();
        File.WriteAllText(_path, Put(3, 1, "1") + "\n");
        file.Advance();
        Assert.Equal([3], file.View.Keys);
    }

    [Fact]
    public void Advance_AForeignLine_IsRefusedWithItsPlace()
    {
        Append(Put(1, 2, "10.50"), "no json");
        var refused = Assert.Throws<BadDataException>(() => new ViewFile(_path).Advance());
        Assert.StartsWith($"Line 2 of {_path} is no change of the view:", refused.Message);
    }

    [Fact]
    public void FirstDifference_OfTwoViews_IsTheFirstByKey()
    {
        var one = new Dictionary<int, CustomerTotal> { [1] = new(1, 1, 5), [2] = new(2, 1, 5) };
        Assert.Null(DemoOracle.FirstDifference(one, new Dictionary<int, CustomerTotal>(one)));
        Assert.Contains("key 2 is missing", DemoOracle.FirstDifference(one, new Dictionary<int, CustomerTotal> { [1] = new(1, 1, 5.00m) }));
        Assert.Contains("key 0 should not be there", DemoOracle.FirstDifference(one, new Dictionary<int, CustomerTotal>(one) { [0] = default }));
        Assert.Contains("key 1 is", DemoOracle.FirstDifference(one, new Dictionary<int, CustomerTotal> { [1] = new(1, 2, 5) }));
    }

    public void Dispose() => File.Delete(_path);

    private static string Put(int key, long orders, string amount) => $$$"""{"key":{{{key}}},"row":{"customerId":{{{key}}},"orders":{{{orders}}},"amount":{{{amount}}}}}""";

    private static string Delete(int key) => $$"""{"key":{{key}},"row":null}""";

    private void Append(params string[] lines) => File.AppendAllText(_path, string.Join('\n', lines) + "\n");
}
