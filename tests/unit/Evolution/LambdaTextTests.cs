using Pathway.Core;

namespace Pathway.Tests.Unit.Evolution;

/// <summary>When two texts of lambdas are the same: how they are written doesn't count, what they may mean does.</summary>
[Trait("suite", "unit")]
public sealed class LambdaTextTests
{
    [Theory]
    [InlineData("o => o.Amount > 3", "order =>  order.Amount>3")]
    [InlineData("o => o.Amount > 3", "o =>\n    o.Amount\n    > 3 // much\n")]
    [InlineData("(o, c) => new Line(o.Id, c.Name)", "(a, b) => new Line(a.Id, b.Name)")]
    [InlineData("by o => o.Customer: g => new Total(g.Key, g.Sum(o => o.Amount))", "by x => x.Customer: all => new Total(all.Key, all.Sum(x => x.Amount))")]
    [InlineData("o => o.Lines.Where(l => l.Of == o.Id)", "x => x.Lines.Where(y => y.Of == x.Id)")]
    [InlineData("o => o.Lines.Where(o => o.Big)", "x => x.Lines.Where(y => y.Big)")]
    [InlineData("o => o.Paid ? o.Amount : 0", "p => p.Paid ? p.Amount : 0")]
    [InlineData("_ => 1", "x => 1")]
    [InlineData("g => value(App.Shop+<>c__DisplayClass3_0).least < g.Sum(o => o.Amount)", "h => value(App.Shop+<>c__DisplayClass7_1).least < h.Sum(x => x.Amount)")]
    [InlineData("g => new <>f__AnonymousType3`1(N = g.Count())", "g => new <>f__AnonymousType12`1(N = g.Count())")]
    public void AreSame_WrittenOtherwise_IsTrue(string one, string other) => Assert.True(LambdaText.AreSame(one, other));

    [Theory]
    [InlineData("o => o.Amount > 3", "o => o.Amount > 4")]
    [InlineData("(o, c) => o.Id - c.Id", "(c, o) => o.Id - c.Id")]
    [InlineData("x => x + y", "y => y + x")]
    [InlineData("o => o.Kind switch { Small => 1, Large => 2 }", "o => o.Kind switch { Large => 1, Small => 2 }")]
    [InlineData("x => $\"{x.Name}\"", "y => $\"{x.Name}\"")]
    [InlineData("x => { x = 5; return x; }", "z => { x = 5; return z; }")]
    [InlineData("x => new Row(x: 1, y: x.B)", "z => new Row(x: 1, y: x.B)")]
    [InlineData("o => o.Name == \"a b\"", "o => o.Name == \"a  b\"")]
    [InlineData("o => o.Name == \"// a\"", "o => o.Name == \"// b\"")]
    [InlineData("o => o.Name == @\"a\\\" // x", "o => o.Name == @\"b\\\" // x")]
    [InlineData("o => 'a' + 'o'", "x => 'a' + 'x'")]
    [InlineData("by x => x.A: y => y.B + x", "by z => z.A: y => y.B + z")]
    [InlineData("x => $\"{x.A[\"x\"]}\"", "y => $\"{y.A[\"y\"]}\"")]
    [InlineData("o => nameof(o)", "x => nameof(x)")]
    [InlineData("o => o.x - x", "x => x.x - o")]
    [InlineData("o => a - --b", "o => a-- - b")]
    [InlineData("o => a > > b", "o => a >> b")]
    public void AreSame_WhereTheMeaningMayDiffer_IsFalse(string one, string other) => Assert.False(LambdaText.AreSame(one, other));
}
