using Pathway.Core;
using Pathway.Testing;

namespace Pathway.Tests.Unit.Engine;

/// <summary>Tables by their keys: the law, one test for each operation.</summary>
[Trait("suite", "unit")]
public sealed class KeyTests
{
    [Fact]
    public void WithKey_AnyHistory_EqualsLinq() => TableLaw.Holds(
        t => t.K.Where(i => i.Value != 0).WithKey(i => (i.Id, i.Group)),
        p => p.K.Values.Where(i => i.Value != 0).Select(i => KeyValuePair.Create((i.Id, i.Group), i)));

    [Fact]
    public void UpdateRows_AnyHistory_EqualsLinq() => TableLaw.Holds(
        t => t.K.UpdateRows(t.L),
        p => p.L.Concat(p.K.Where(k => !p.L.ContainsKey(k.Key))));

    [Fact]
    public void UpdateCells_AnyHistory_EqualsLinq() => TableLaw.Holds(
        t => t.K.UpdateCells(t.L, (k, l) => k with { Text = l.Text }),
        p => p.K.Select(k => KeyValuePair.Create(k.Key, p.L.TryGetValue(k.Key, out var l) ? k.Value with { Text = l.Text } : k.Value)));

    [Fact]
    public void RestrictToKeysOf_AnyHistory_EqualsLinq() => TableLaw.Holds(t => t.K.RestrictToKeysOf(t.L), p => p.K.Where(k => p.L.ContainsKey(k.Key)));

    [Fact]
    public void WithoutKeysOf_AnyHistory_EqualsLinq() => TableLaw.Holds(t => t.K.WithoutKeysOf(t.L), p => p.K.Where(k => !p.L.ContainsKey(k.Key)));

    [Fact]
    public void Zip_AnyHistory_EqualsLinq() => TableLaw.Holds(
        t => t.K.Zip(t.L, (k, l) => k.Value + l.Value),
        p => p.K.Where(k => p.L.ContainsKey(k.Key)).Select(k => KeyValuePair.Create(k.Key, k.Value.Value + p.L[k.Key].Value)));

    [Fact]
    public void Zip_OfTablesOverOneInput_EqualsLinq() => TableLaw.Holds(
        t => t.K.Where(i => i.Value > 0).UpdateRows(t.K.Where(i => i.Group == 1).Select(i => i with { Text = "one" }).Named("ones")),
        p => p.K.Where(k => k.Value.Value > 0 || k.Value.Group == 1).Select(k => KeyValuePair.Create(k.Key, k.Value.Group == 1 ? k.Value with { Text = "one" } : k.Value)));

    [Fact]
    public void Lookup_AnyHistory_EqualsLinq() => TableLaw.Holds(
        t => t.K.Lookup(t.L, k => k.Group ?? -1, (k, l) => new { k.Id, Found = l?.Text ?? "none" }),
        p => p.K.Select(k => KeyValuePair.Create(k.Key, new { k.Value.Id, Found = p.L.TryGetValue(k.Value.Group ?? -1, out var l) ? l.Text ?? "none" : "none" })));

    [Fact]
    public void Lookup_FromATableWithoutKey_EqualsLinq() => TableLaw.Holds(
        t => t.A.Lookup(t.L, a => a.Value, (a, l) => (a.Id, l?.Value ?? 100)),
        p => p.A.Select(a => (a.Id, p.L.TryGetValue(a.Value, out var l) ? l.Value : 100)));

    [Fact]
    public void Split_AnyHistory_GivesEachRowToOneOfTwo() => TableLaw.Holds(
        t => t.K.Split(i => i.Value > 0) is var (high, low) ? high.Rows().Concat(low.Select(i => i with { Text = "low" })) : throw new InvalidOperationException(),
        p => p.K.Values.Select(i => i.Value > 0 ? i : i with { Text = "low" }));

    [Fact]
    public void WithKey_TwoRowsUnderOneKey_StopsWithKeyAndRows()
    {
        using var test = new TestPipeline();
        var rows = test.Rows<Item>("rows");
        test.Collect(rows.Table.WithKey(i => i.Id));
        rows.Push(new Item(7, 1, 1, "first"));
        test.CloseEpoch();
        rows.Push(new Item(7, 1, 1, "first"), -1);
        rows.Push(new Item(7, 1, 1, "second"));
        test.CloseEpoch();
        rows.Push(new Item(7, 1, 1, "third"));
        var thrown = Assert.Throws<BadDataException>(test.CloseEpoch);
        Assert.Contains("Key 7 has 2 rows", thrown.Message);
        Assert.Contains("third", thrown.Message);
    }
}
