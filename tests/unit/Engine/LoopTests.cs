using Pathway.Core;
using Pathway.Graphs;
using Pathway.Testing;

namespace Pathway.Tests.Unit.Engine;

/// <summary>A loop's result is that of running it over the rows present, whatever edges came and went before: after every epoch, also after restarts.</summary>
public sealed class LoopTests
{
    private static readonly int[] Nodes = [0, 1, 2, 3, 4, 5];

    [Fact]
    public void Components_EdgesComeAndGo_AreThoseOfTheEdgesPresent() => TableLaw.Holds(
        i => ConnectedComponents.Of(i.B.Select(b => b.Id), i.A, From, To),
        p => p.B.Select(b => b.Id).Distinct().Select(n => new InComponent<int>(n, Reached(n, p.A.SelectMany(e => new[] { (From(e), To(e)), (To(e), From(e)) }), p.B.Select(b => b.Id).ToHashSet()).Min())));

    [Fact]
    public void ShortestPaths_EdgesComeAndGo_AreThoseOfTheEdgesPresent() => TableLaw.Holds(
        i => ShortestPaths.From(i.K.Rows().Select(k => k.Id), i.A, From, To, Length),
        p => Distances(p.K.Values.Select(k => k.Id), p.A));

    [Fact]
    public void Closure_EdgesComeAndGo_IsThatOfTheEdgesPresent() => TableLaw.Holds(
        i =>
        {
            var edges = i.A.Select(e => (From: From(e), To: To(e))).Distinct();
            return edges.Iterate(x => x.Concat(x.Join(x, r => r.To, r => r.From, (a, b) => (a.From, b.To))).Distinct());
        },
        p => Nodes.SelectMany(n => Behind(n, p.A).Select(to => (n, to))));

    [Fact]
    public void PageRank_EdgesComeAndGo_IsThatOfTheEdgesPresent() => TableLaw.Holds(i => PageRank.Of(i.A, From, To, 7), p => Ranks([.. p.A.Select(e => (From(e), To(e)))], 7));

    [Fact]
    public void JoinSumBy_SeveralRowsUnderAKey_IsThatOfTheRowsPresent() => TableLaw.Holds(
        i => i.B.Select(b => (Node: b.Id, Value: (long)b.Value)).Repeat(4, x => x
            .JoinSumBy(i.A, r => r.Node, From, To, (r, matches) => r.Value * 10 / matches, i.K.Rows().Select(k => k.Id), (node, count, sum) => (Node: node, Value: (sum % 1000) + count))
            .SelectMany(r => new[] { r, (r.Node, r.Value / 2) })),
        p =>
        {
            var rows = p.B.Select(b => (Node: b.Id, Value: (long)b.Value)).ToList();
            var next = p.A.ToLookup(From, To);
            for (var round = 0; round < 4; round++)
            {
                var given = rows.SelectMany(r => next[r.Node].Select(to => (To: to, Value: r.Value * 10 / next[r.Node].Count()))).Concat(p.K.Values.Select(k => (To: k.Id, Value: 0L)));
                rows = [.. given.GroupBy(g => g.To).Select(g => (Node: g.Key, Value: (g.Sum(v => v.Value) % 1000) + g.Count())).SelectMany(r => new[] { r, (r.Node, r.Value / 2) })];
            }

            return rows;
        });

    [Fact]
    public void JoinSumBy_FunctionsThatThrow_LeaveOutWhatTheyThrowOn() => TableLaw.Holds(
        i =>
        {
            var nodes = i.B.Select(b => b.Id).Distinct();
            return nodes.Repeat(1, x => x.JoinSumBy(
                i.A, n => n, From, e => e.Value == 3 ? throw new FormatException("three") : To(e), (n, matches) => matches == 2 ? throw new FormatException("two") : n, nodes, (node, count, sum) => (int)(node + count + sum)));
        },
        p =>
        {
            var next = p.A.Where(e => e.Value != 3).ToLookup(From, To);
            var nodes = p.B.Select(b => b.Id).Distinct().ToList();
            return nodes.SelectMany(n => next[n].Where(_ => next[n].Count() != 2).Select(to => (To: to, Value: n))).Concat(nodes.Select(n => (To: n, Value: 0)))
                .GroupBy(g => g.To).Select(g => g.Key + g.Count() + g.Sum(v => v.Value));
        },
        p =>
        {
            var next = p.A.Where(e => e.Value != 3).ToLookup(From, To);
            return p.A.Where(e => e.Value == 3).Select(e => (e.ToString(), "three"))
                .Concat(p.B.Select(b => b.Id).Distinct().Where(n => next[n].Count() == 2).Select(n => ($"{n} with 2", "two")));
        });

    [Fact]
    public void PageRank_LargerGraphInBatches_IsThatOfTheEdgesPresent()
    {
        var random = new Random(11);
        using var test = new TestPipeline(workers: 3) { AlwaysOnThreads = true };
        var edges = test.Rows<(int From, int To)>("edges");
        var ranks = test.Collect(PageRank.Of(edges.Table, e => e.From, e => e.To, 12));
        var components = test.Collect(ConnectedComponents.Of(edges.Table.SelectMany(e => new[] { e.From, e.To }), edges.Table, e => e.From, e => e.To));
        var present = new List<(int From, int To)>();
        for (var epoch = 0; epoch < 30; epoch++)
        {
            for (var i = 0; i < 30; i++)
            {
                if (i % 3 == 2 && present.Count > 40)
                {
                    var at = random.Next(present.Count);
                    edges.Push(present[at], -1);
                    present.RemoveAt(at);
                    continue;
                }

                present.Add((random.Next(300), random.Next(300)));
                edges.Push(present[^1]);
            }

            test.CloseEpoch();
            test.Commit();
            if (epoch % 10 == 5) test.Restart(workers: 1 + (epoch / 10));
            Assert.Equal(Ranks(present, 12).OrderBy(r => r.Node), ranks.Rows.OrderBy(r => r.Node));
            var nodes = present.SelectMany(e => new[] { e.From, e.To }).ToHashSet();
            var both = present.SelectMany(e => new[] { e, (e.To, e.From) }).ToLookup(e => e.Item1, e => e.Item2);
            Assert.All(components.Rows, c => Assert.Equal(Reached(c.Node, both, nodes).Min(), c.Component));
            Assert.Equal(nodes.Count, components.Rows.Count());
        }
    }

    [Fact]
    public void Iterate_WithoutFixedPoint_StopsAtTheLimitAndSaysSo()
    {
        using var test = new TestPipeline();
        var input = test.Rows<int>("a");
        test.Collect(input.Table.Iterate(x => x.Select(v => v + 1), limit: 20));
        input.Push(1);
        var refused = Assert.Throws<BadDataException>(test.CloseEpoch);
        Assert.Contains("after 20 rounds", refused.Message);
        Assert.Contains("limit: 200", refused.Message);
    }

    [Fact]
    public void Iterate_BodyOfAnotherLoop_IsRefused()
    {
        using var test = new TestPipeline();
        var input = test.Rows<int>("a");
        LoopTable<int>? other = null;
        test.Collect(input.Table.Iterate(x => other = x));
        test.Collect(input.Table.Select(v => v).Iterate(_ => other!));
        Assert.Throws<ConfigurationException>(test.CloseEpoch);
    }

    private static int From(Item e) => e.Id;

    private static int To(Item e) => (e.Value + 8) % 6;

    private static double Length(Item e) => e.Group ?? 7;

    private static HashSet<int> Behind(int node, IReadOnlyList<Item> edges)
    {
        var next = edges.ToLookup(From, To);
        return [.. next[node].SelectMany(n => Reached(n, next, null))];
    }

    private static HashSet<int> Reached(int node, IEnumerable<(int From, int To)> edges, HashSet<int> among) => Reached(node, edges.ToLookup(e => e.From, e => e.To), among);

    private static HashSet<int> Reached(int node, ILookup<int, int> next, HashSet<int>? among)
    {
        var reached = new HashSet<int> { node };
        var open = new Stack<int>([node]);
        while (open.TryPop(out var at))
            foreach (var to in next[at])
                if (among?.Contains(to) != false && reached.Add(to)) open.Push(to);
        return reached;
    }

    private static List<AtDistance<int>> Distances(IEnumerable<int> sources, IReadOnlyList<Item> edges)
    {
        var distances = Nodes.ToDictionary(n => n, n => sources.Contains(n) ? 0 : double.PositiveInfinity);
        for (var i = 0; i < Nodes.Length; i++)
            foreach (var e in edges) distances[To(e)] = Math.Min(distances[To(e)], distances[From(e)] + Length(e));
        return [.. distances.Where(d => double.IsFinite(d.Value)).Select(d => new AtDistance<int>(d.Key, d.Value))];
    }

    private static List<Ranked<int>> Ranks(List<(int From, int To)> edges, int rounds)
    {
        var leaving = edges.ToLookup(e => e.From, e => e.To);
        var ranks = edges.SelectMany(e => new[] { e.From, e.To }).Distinct().ToDictionary(n => n, _ => 6000L);
        for (var i = 0; i < rounds; i++)
        {
            var next = ranks.Keys.ToDictionary(n => n, _ => 1000L);
            foreach (var node in leaving)
                foreach (var to in node) next[to] += ranks[node.Key] * 5 / (node.Count() * 6);
            ranks = next;
        }

        return [.. ranks.Select(r => new Ranked<int>(r.Key, r.Value))];
    }
}
