using System.Globalization;
using System.Text.Json;
using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Kills;

/// <summary>A test program as its own process, killed at every fail point that a pipeline between files meets while its input grows, and started again; with four workers, every third time with two.</summary>
public abstract class ProgramKillTest(ITestOutputHelper output)
{
    private static readonly string[] Points =
    [
        FailPoints.CommitBeforeAppend, FailPoints.CommitBeforeClose, FailPoints.CommitBeforeLogSync, FailPoints.CommitAfterLogSync, FailPoints.DeliverBeforeBegin, FailPoints.AcknowledgeBefore,
        FailPoints.CheckpointBeforeIngest, FailPoints.CheckpointAfterIngest, FailPoints.LogBeforeDelete, FailPoints.RecoveryAfterTailCopy, FailPoints.RecoveryAfterReplay, FailPoints.ClaimAfterMarkerWrite,
    ];

    private static readonly string[] PointsOfFiles =
    [
        FailPoints.ClaimAfterFence, FailPoints.ClaimAfterMarkerRead, FailPoints.DeliverMidway, FailPoints.DeliverBeforeMarker, FailPoints.DeliverBeforeCommit, FailPoints.DeliverAfterCommit,
    ];

    private protected string Folder { get; } = RunFolder.NewFolder("program");

    /// <summary>Runs <paramref name="program"/> to the end of its kills.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="writesFiles">Whether its output goes to files, and not to functions.</param>
    /// <param name="write">Gives the next line of input, and the file that it goes to.</param>
    /// <param name="isDone">Whether the output is what the input says; called while the program runs.</param>
    private protected async Task KillAgainAndAgainAsync(string program, bool writesFiles, Func<Random, (string File, object Row)> write, Func<bool> isDone)
    {
        var seed = Seed.OfThisRun(output);
        var random = new Random(seed);
        await WriteAsync(random, write, lines: 400, CancellationToken.None); // so that every file is there
        foreach (var (start, point) in (writesFiles ? Points.Concat(PointsOfFiles) : Points).Index())
        {
            var isOnce = point.StartsWith("recovery", StringComparison.Ordinal) || point.StartsWith("claim", StringComparison.Ordinal) || point == FailPoints.LogBeforeDelete;
            await using var process = Start(program, start % 3 == 2 ? 2 : 4, string.Create(CultureInfo.InvariantCulture, $"{point}=kill@{(isOnce ? 1 : random.Next(1, 6))}"));
            using var enough = new CancellationTokenSource();
            var writing = WriteAsync(random, write, lines: int.MaxValue, enough.Token);
            var exit = await process.WaitForExitAsync(TimeSpan.FromSeconds(90));
            await enough.CancelAsync();
            await writing;
            Assert.True(exit == 137, $"Expected a kill at {point}, got exit code {exit}. PATHWAY_SEED={seed}\n{process.Everything}");
        }

        await using var last = Start(program, 4, null);
        try
        {
            await Eventually.TrueAsync(() => last.HasExited || isDone(), "the output is what the input says", TimeSpan.FromSeconds(120));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} PATHWAY_SEED={seed}, {Folder}\n{last.Everything}", e);
        }

        Assert.True(await last.TerminateAsync() == 0, $"It didn't stop as asked. PATHWAY_SEED={seed}\n{last.Everything}");
        Assert.True(isDone(), $"At the end the output isn't what the input says. PATHWAY_SEED={seed}, {Folder}");
    }

    /// <summary>The rows that a file of changes adds up to, each as often as it is there; of the lines that are whole.</summary>
    /// <remarks>On the way no row may be there less than not at all, and epochs may not go back.</remarks>
    private protected Dictionary<TRow, long> RowsOf<TRow>(string file)
        where TRow : notnull
    {
        var (rows, epoch, path) = (new Dictionary<TRow, long>(), 0UL, Path.Combine(Folder, file));
        foreach (var line in WholeLinesOf(path))
        {
            using var json = JsonDocument.Parse(line);
            var (row, time, diff) = (json.Deserialize<TRow>(JsonSerializerOptions.Web)!, json.RootElement.GetProperty("time").GetUInt64(), json.RootElement.GetProperty("diff").GetInt64());
            Assert.True(time >= epoch, $"{file}: epoch {time} after {epoch}");
            if (time > epoch) Assert.All(rows, r => Assert.True(r.Value > 0, $"{file}: {r.Key} is there {r.Value} times after epoch {epoch}"));
            epoch = time;
            rows[row] = rows.GetValueOrDefault(row) + diff;
            if (rows[row] == 0) rows.Remove(row);
        }

        return rows;
    }

    /// <summary>The lines of a file that have their end.</summary>
    private protected static IEnumerable<string> WholeLinesOf(string path)
    {
        if (!File.Exists(path)) return [];
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Split('\n')[..^1];
    }

    private protected static bool AreEqual<TRow>(Dictionary<TRow, long> found, IEnumerable<TRow> expected)
        where TRow : notnull
    {
        var counted = expected.GroupBy(r => r).ToDictionary(g => g.Key, g => g.LongCount());
        return found.Count == counted.Count && counted.All(c => found.GetValueOrDefault(c.Key) == c.Value);
    }

    private PathwayProcess Start(string program, int workers, string? failPoints) => PathwayProcess.StartAssembly(
        "Pathway.Tests.Programs.dll", [program, Folder, workers.ToString(CultureInfo.InvariantCulture)], new Dictionary<string, string?> { [FailPoint.Variable] = failPoints });

    // Some lines at a time, so that there are many commits to be killed in.
    private async Task WriteAsync(Random random, Func<Random, (string File, object Row)> write, int lines, CancellationToken enough)
    {
        for (var written = 0; written < lines && !enough.IsCancellationRequested; written += 4)
        {
            for (var i = 0; i < 4; i++)
            {
                var (file, row) = write(random);
                await File.AppendAllTextAsync(Path.Combine(Folder, file), JsonSerializer.Serialize(row, row.GetType(), JsonSerializerOptions.Web) + "\n", CancellationToken.None);
            }

            if (lines == int.MaxValue) await Task.Delay(8, CancellationToken.None);
        }
    }
}
