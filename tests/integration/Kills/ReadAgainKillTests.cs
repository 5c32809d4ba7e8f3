using System.Globalization;
using System.Text.Json;
using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;
using Pathway.Tests.Programs;

namespace Pathway.Tests.Integration.Kills;

/// <summary>A plan gets part after part whose source is read again for it, and is killed in each change, while the source grows: the plan before goes on where the change doesn't count yet, and each part ends with what all visits say.</summary>
[Trait("suite", "kill")]
public sealed class ReadAgainKillTests(ITestOutputHelper output)
{
    /// <summary>Where it is killed, at which time at most, and whether the change counts then; null where that may be either.</summary>
    private static readonly (string Point, int Within, bool? Counts)[] Points =
    [
        (FailPoints.RebuildBegun, 1, false), (FailPoints.RebuildReadAgain, 2, false), (FailPoints.RebuildReadAgain, 4, false), (FailPoints.RebuildStored, 1, false), (FailPoints.RebuildBeforeCommit, 1, false),
        (FailPoints.CommitBeforeAppend, 1, false), (FailPoints.CommitBeforeClose, 1, false), (FailPoints.CommitBeforeLogSync, 1, null), (FailPoints.CommitAfterLogSync, 1, true), (FailPoints.RebuildCommitted, 1, true),
        (FailPoints.CheckpointBeforeIngest, 1, null), (FailPoints.CheckpointAfterIngest, 1, null), (FailPoints.ClaimAfterFence, 1, false), (FailPoints.ClaimAfterMarkerWrite, 1, false),
        (FailPoints.DeliverMidway, 1, true), (FailPoints.DeliverBeforeMarker, 2, null), (FailPoints.DeliverBeforeCommit, 2, null), (FailPoints.DeliverAfterCommit, 2, null), (FailPoints.AcknowledgeBefore, 1, true),
    ];

    private readonly string _folder = RunFolder.NewFolder("visits");
    private readonly List<Visits.Visit> _visits = [];

    [Fact]
    public async Task PlanChange_KilledWhileTheSourceIsReadAgain_EndsAsTheVisitsSay()
    {
        var seed = Seed.OfThisRun(output);
        var random = new Random(seed);
        Write(random, 3000);
        await RunAsync(1, seed);
        foreach (var ((point, within, counts), before) in Points.Select((p, i) => (p, i + 1)))
        {
            Write(random, random.Next(1000));
            await using (var process = Start(before + 1, string.Create(CultureInfo.InvariantCulture, $"{point}=kill@{random.Next(1, within + 1)}")))
            {
                var exit = await process.WaitForExitAsync(TimeSpan.FromSeconds(60));
                Assert.True(exit == 137, $"Expected a kill at {point}, got exit code {exit}. PATHWAY_SEED={seed}\n{process.Everything}");
            }

            Write(random, random.Next(100));
            if (counts == false) await RunAsync(before, seed);
            if (counts == true) await RefusesAsync(before, seed);
            Write(random, random.Next(100));
            await RunAsync(before + 1, seed);
        }
    }

    // Until every part of the plan is what the visits say.
    private async Task RunAsync(int parts, int seed)
    {
        await using var process = Start(parts, null);
        await process.WaitForLineAsync("^stops when asked$");
        try
        {
            await Eventually.TrueAsync(() => process.HasExited || Enumerable.Range(1, parts).All(IsRight), $"all {parts} parts are what the visits say", TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} PATHWAY_SEED={seed}, {_folder}\n{process.Everything}", e);
        }

        Assert.True(await process.TerminateAsync() == 0, $"It didn't stop as asked. PATHWAY_SEED={seed}, {_folder}\n{process.Everything}");
        Assert.All(Enumerable.Range(1, parts), part => Assert.True(IsRight(part), $"At the end part {part} isn't what the visits say. PATHWAY_SEED={seed}, {_folder}"));
    }

    // The change counts: without it the plan is another one, which nobody accepted.
    private async Task RefusesAsync(int parts, int seed)
    {
        await using var process = Start(parts, null, accept: false);
        Assert.True(await process.WaitForExitAsync(TimeSpan.FromSeconds(60)) != 0 && process.Everything.Contains("the plan differs", StringComparison.Ordinal), $"PATHWAY_SEED={seed}, {_folder}\n{process.Everything}");
    }

    private PathwayProcess Start(int parts, string? failPoints, bool accept = true) => PathwayProcess.StartAssembly("Pathway.Tests.Programs.dll", ["visits", _folder, parts % 3 == 2 ? "3" : "1"], new Dictionary<string, string?>
    {
        [FailPoint.Variable] = failPoints, ["PLAN"] = parts.ToString(CultureInfo.InvariantCulture), ["ACCEPT_PLAN"] = accept ? "1" : null,
    });

    private void Write(Random random, int count)
    {
        var added = Enumerable.Range(0, count).Select(i => new Visits.Visit(_visits.Count + i, random.Next(40), $"page {random.Next(25)}")).ToList();
        _visits.AddRange(added);
        File.AppendAllLines(Path.Combine(_folder, "visits.jsonl"), added.Select(v => JsonSerializer.Serialize(v, JsonSerializerOptions.Web)));
    }

    private bool IsRight(int part)
    {
        var (files, own) = (new ChangeFiles(_folder), _visits.Where(v => v.IsOf(part)).ToList());
        var accepted = new Dictionary<int, Visits.Visit>();
        foreach (var visit in own)
            if (!accepted.TryGetValue(visit.User, out var last) || visit.At >= last.At + 10) accepted[visit.User] = visit;
        return ChangeFiles.AreEqual(files.RowsOf<Visits.Visit>($"visits-{part}.jsonl"), own)
            && ChangeFiles.AreEqual(files.RowsOf<Visits.Seen>($"pages-{part}.jsonl"), own.GroupBy(v => v.Page).Select(g => new Visits.Seen(g.Key, g.LongCount(), g.Max(v => v.At))))
            && ChangeFiles.AreEqual(files.RowsOf<Visits.LastPage>($"last-{part}.jsonl"), own.GroupBy(v => v.User).Select(g => new Visits.LastPage(g.Key, g.Last().Page, g.LongCount())))
            && ChangeFiles.AreEqual(files.RowsOf<Visits.Visit>($"accepted-{part}.jsonl"), accepted.Values);
    }
}
