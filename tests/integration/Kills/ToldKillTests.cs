using System.Globalization;
using Pathway.Tests.Programs;

namespace Pathway.Tests.Integration.Kills;

/// <summary>Functions that are handed changes, killed again and again: what each start tells continues what was told, or repeats its end first; nothing is left out, and it adds up to the sums of the input.</summary>
[Trait("suite", "kill")]
public sealed class ToldKillTests(ITestOutputHelper output) : ProgramKillTest(output)
{
    private readonly Dictionary<int, Told.Amount> _amounts = [];

    [Fact]
    public Task Subscriptions_KilledAgainAndAgain_AreToldEverythingInOrder() => KillAgainAndAgainAsync("told", writesFiles: false, Write, () => ChangeFiles.AreEqual(ToldChanges(), Expected()) && AreKeysToldLast());

    private (string, object) Write(Random random)
    {
        var amount = new Told.Amount(random.Next(400), random.Next(20), random.Next(-1000, 1000), random.Next(4) > 0);
        _amounts[amount.Id] = amount;
        return ("amounts.jsonl", amount);
    }

    private IEnumerable<Told.Total> Expected() => _amounts.Values.Where(a => a.IsThere).GroupBy(a => a.Key).Select(g => new Told.Total(g.Key, g.LongCount(), g.Sum(a => a.Value)));

    private Dictionary<Told.Total, long> ToldChanges()
    {
        var rows = new Dictionary<Told.Total, long>();
        foreach (var line in Joined("changes.txt"))
        {
            var n = line.Split(' ').Select(t => long.Parse(t, CultureInfo.InvariantCulture)).ToArray();
            var row = new Told.Total((int)n[2], n[3], n[4]);
            rows[row] = rows.GetValueOrDefault(row) + n[1];
            if (rows[row] == 0) rows.Remove(row);
        }

        return rows;
    }

    private bool AreKeysToldLast()
    {
        var found = new Dictionary<int, Told.Total>();
        foreach (var line in StartsOf("keys.txt").SelectMany(start => start))
        {
            var n = line.Split(' ');
            var key = int.Parse(n[0], CultureInfo.InvariantCulture);
            if (n[1] == "True") found[key] = new Told.Total(key, long.Parse(n[2], CultureInfo.InvariantCulture), long.Parse(n[3], CultureInfo.InvariantCulture));
            else found.Remove(key);
        }

        return ChangeFiles.AreEqual(found.Values.ToDictionary(t => t, _ => 1L), Expected());
    }

    /// <summary>What was told, each change once: the beginning of a start's lines may be the end of what was told before it.</summary>
    private List<string> Joined(string file)
    {
        var all = new List<string>();
        foreach (var told in StartsOf(file))
        {
            // The longest repetition; its lines carry their epoch, so that another one looks different.
            var from = Enumerable.Range(0, all.Count + 1).First(from => all.Skip(from).Zip(told).All(pair => pair.First == pair.Second));
            all.AddRange(told.Skip(all.Count - from));
        }

        return all;
    }

    private IEnumerable<List<string>> StartsOf(string file)
    {
        var starts = new List<List<string>>();
        foreach (var line in ChangeFiles.WholeLinesOf(Path.Combine(Folder, file)).Where(line => line.EndsWith(';')))
        {
            if (line == "start;") starts.Add([]);
            else starts[^1].Add(line[..^1]);
        }

        return starts;
    }
}
