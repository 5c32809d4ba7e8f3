using System.Globalization;
using Pathway.Connectors;

namespace Pathway.Tests.Programs;

/// <summary>What visits of pages tell, in parts; <c>PLAN</c> says how many of them the plan has. The visits are a stream, of which no step keeps the rows: what a part needs of those that came before it is read again.</summary>
public static class Visits
{
    public sealed record Visit(long At, int User, string Page);

    public sealed record Seen(string Page, long Visits, long Last);

    public sealed record LastPage(int User, string Page, long Visits);

    /// <summary>Whether a visit belongs to a part.</summary>
    public static bool IsOf(this Visit visit, int part) => visit.At % 7 != part % 7;

    internal static void Describe(Pipeline pipeline, string folder)
    {
        var visits = pipeline.Table(Files.Stream(Path.Combine(folder, "visits.jsonl"), FileForm.Json<Visit>(), new FileReading { Follow = true, LookEvery = TimeSpan.FromMilliseconds(10) }));
        var parts = int.Parse(Environment.GetEnvironmentVariable("PLAN")!, CultureInfo.InvariantCulture);
        for (var each = 1; each <= parts; each++)
        {
            var part = each;
            var own = visits.Where(v => v.IsOf(part)).Named($"visits {part}");
            own.To(folder, $"visits-{part}.jsonl");
            own.GroupBy(v => v.Page).Select(g => new Seen(g.Key, g.Count(), g.Max(v => v.At))).Named($"pages {part}").To(folder, $"pages-{part}.jsonl");
            own.GroupBy(v => v.User).Select(g => new LastPage(g.Key, g.Latest(v => v.Page), g.Count())).Named($"last {part}").To(folder, $"last-{part}.jsonl");
            own.Deduplicate(v => v.User, (now, accepted) => now.At >= accepted.At + 10).Named($"accepted {part}").To(folder, $"accepted-{part}.jsonl");
        }
    }
}
