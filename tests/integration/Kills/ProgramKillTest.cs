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

    private protected ChangeFiles Files => new(Folder);

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
        await last.WaitForLineAsync("^stops when asked$"); // what was there may already be all
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
