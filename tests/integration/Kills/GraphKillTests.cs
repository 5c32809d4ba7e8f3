using Pathway.Graphs;
using Pathway.Tests.Programs;

namespace Pathway.Tests.Integration.Kills;

/// <summary>Loops, killed again and again while edges come and go: what is reached, distances, components and ranks are those of the edges that are there.</summary>
[Trait("suite", "kill")]
public sealed class GraphKillTests(ITestOutputHelper output) : ProgramKillTest(output)
{
    private const int Nodes = 30;
    private readonly Dictionary<(int, int), Graph.Edge> _edges = [];

    [Fact]
    public Task Loops_KilledAgainAndAgain_AreThoseOfTheEdges() => KillAgainAndAgainAsync("graph", writesFiles: true, Write, () =>
        ChangeFiles.AreEqual(Files.RowsOf<Graph.Reached>("reached.jsonl"), Distances().Keys.Select(n => new Graph.Reached(n)))
        && ChangeFiles.AreEqual(Files.RowsOf<AtDistance<int>>("distances.jsonl"), Distances().Select(d => new AtDistance<int>(d.Key, d.Value)))
        && ChangeFiles.AreEqual(Files.RowsOf<InComponent<int>>("components.jsonl"), Components().Select(c => new InComponent<int>(c.Key, c.Value)))
        && ChangeFiles.AreEqual(Files.RowsOf<Ranked<int>>("ranks.jsonl"), Ranks().Select(r => new Ranked<int>(r.Key, r.Value))));

    private (string, object) Write(Random random)
    {
        // Sparse, so that parts fall off and come back.
        var edge = new Graph.Edge(random.Next(Nodes), random.Next(Nodes), random.Next(1, 9), random.Next(20) == 0);
        _edges[(edge.From, edge.To)] = edge;
        return ("edges.jsonl", edge);
    }

    private IEnumerable<Graph.Edge> There => _edges.Values.Where(e => e.IsThere);

    private Dictionary<int, double> Distances()
    {
        var found = new Dictionary<int, double>();
        if (There.Any()) found[0] = 0;
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var e in There)
            {
                if (!found.TryGetValue(e.From, out var at) || (found.TryGetValue(e.To, out var known) && known <= at + e.Length)) continue;
                found[e.To] = at + e.Length;
                changed = true;
            }
        }

        return found;
    }

    private Dictionary<int, int> Components()
    {
        var found = There.SelectMany(e => new[] { e.From, e.To }).Distinct().ToDictionary(n => n);
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var e in There)
            {
                var least = Math.Min(found[e.From], found[e.To]);
                changed |= found[e.From] != least || found[e.To] != least;
                found[e.From] = found[e.To] = least;
            }
        }

        return found;
    }

    private Dictionary<int, long> Ranks()
    {
        var leaving = There.ToLookup(e => e.From, e => e.To);
        var ranks = There.SelectMany(e => new[] { e.From, e.To }).Distinct().ToDictionary(n => n, _ => PageRank.Unit);
        for (var round = 0; round < Graph.Rounds; round++)
        {
            var next = ranks.Keys.ToDictionary(n => n, _ => PageRank.Unit / 6);
            foreach (var node in leaving)
                foreach (var to in node) next[to] += ranks[node.Key] * 5 / (node.Count() * 6);
            ranks = next;
        }

        return ranks;
    }
}
