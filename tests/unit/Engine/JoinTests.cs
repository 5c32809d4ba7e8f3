namespace Pathway.Tests.Unit.Engine;

/// <summary>Joins: the law, one test for each kind. A null in a key matches nothing.</summary>
[Trait("suite", "unit")]
public sealed class JoinTests
{
    [Fact]
    public void Join_QuerySyntax_EqualsLinq() => TableLaw.Holds(
        t => from a in t.A join k in t.K on a.Value equals k.Id select new { a.Id, k.Text },
        p => from a in p.A join k in p.K.Values on a.Value equals k.Id select new { a.Id, k.Text });

    [Fact]
    public void Join_CompositeKeyWithNulls_MatchesNothingOnNull() => TableLaw.Holds(
        t => from a in t.A join b in t.B on new { a.Group, a.Text } equals new { b.Group, b.Text } select new { a.Id, Other = b.Id },
        p => from a in p.A from b in p.B where a.Group == b.Group && a.Text == b.Text && a.Group is not null && a.Text is not null select new { a.Id, Other = b.Id });

    [Fact]
    public void LeftJoin_AnyHistory_EqualsLinq() => TableLaw.Holds(
        t => t.A.LeftJoin(t.B, a => new { a.Group }, b => new { b.Group }, (a, b) => (a.Id, b?.Text, b is null)),
        p => p.A.SelectMany(a => Matches(p.B, a).DefaultIfEmpty(), (a, b) => (a.Id, b?.Text, b is null)));

    [Fact]
    public void RightJoin_AnyHistory_EqualsLinq() => TableLaw.Holds(
        t => t.A.RightJoin(t.K, a => new { a.Group }, b => new { b.Group }, (a, b) => (a?.Id, b.Text, a is null)),
        p => p.K.Values.SelectMany(b => Matches(p.A, b).DefaultIfEmpty(), (b, a) => (a?.Id, b.Text, a is null)));

    [Fact]
    public void FullJoin_AnyHistory_EqualsLinq() => TableLaw.Holds(
        t => t.A.FullJoin(t.B, a => new { a.Group }, b => new { b.Group }, (a, b) => (a, b)),
        p => p.A.SelectMany(a => Matches(p.B, a).DefaultIfEmpty(), (a, b) => ((Item?)a, b)).Concat(p.B.Where(b => !Matches(p.A, b).Any()).Select(b => ((Item?)null, (Item?)b))),
        iter: 300);

    [Fact]
    public void SemiJoin_AnyHistory_EqualsLinq() => TableLaw.Holds(t => t.A.SemiJoin(t.B, a => new { a.Group }, b => new { b.Group }), p => p.A.Where(a => Matches(p.B, a).Any()));

    [Fact]
    public void AntiJoin_AnyHistory_EqualsLinq() => TableLaw.Holds(t => t.A.AntiJoin(t.B, a => new { a.Group }, b => new { b.Group }), p => p.A.Where(a => !Matches(p.B, a).Any()));

    // Over tables that are kept, so that rows with a null in their key, which the join doesn't keep, are told again as well.
    [Fact]
    public void FullJoin_OfKeyedTables_EqualsLinq() => TableLaw.Holds(
        t => t.K.FullJoin(t.L, a => new { a.Group }, b => new { b.Group }, (a, b) => (a, b)),
        p => p.K.Values.SelectMany(a => Matches(p.L.Values, a).DefaultIfEmpty(), (a, b) => ((Item?)a, b)).Concat(p.L.Values.Where(b => !Matches(p.K.Values, b).Any()).Select(b => ((Item?)null, (Item?)b))));

    [Fact]
    public void AntiJoin_OfKeyedTables_EqualsLinq() => TableLaw.Holds(t => t.K.AntiJoin(t.L, a => new { a.Group }, b => new { b.Group }), p => p.K.Values.Where(a => !Matches(p.L.Values, a).Any()));

    [Fact]
    public void CrossJoin_WithAOneRowTable_EqualsLinq() => TableLaw.Holds(
        t => t.A.CrossJoin(t.B.Aggregate(all => all.Count()), (a, count) => (a.Id, count)),
        p => p.A.Where(_ => p.B.Count > 0).Select(a => (a.Id, (long)p.B.Count)));

    [Fact]
    public void Join_WithItself_EqualsLinq() => TableLaw.Holds(
        t => from a in t.A join b in t.A on a.Value equals b.Id select new { a.Id, Other = b.Id, b.Text },
        p => from a in p.A join b in p.A on a.Value equals b.Id select new { a.Id, Other = b.Id, b.Text });

    [Fact]
    public void Join_SeveralInAChain_EqualLinq() => TableLaw.Holds(
        t => from a in t.A
             join b in t.B on a.Value equals b.Value
             join k in t.K on b.Id equals k.Id
             where k.Value > 0
             select new { a.Id, Second = b.Id, k.Text },
        p => from a in p.A
             join b in p.B on a.Value equals b.Value
             join k in p.K.Values on b.Id equals k.Id
             where k.Value > 0
             select new { a.Id, Second = b.Id, k.Text });

    private static IEnumerable<Item> Matches(IEnumerable<Item> items, Item item) => items.Where(i => i.Group is not null && i.Group == item.Group);
}
