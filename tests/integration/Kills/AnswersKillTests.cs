using Pathway.Tests.Programs;

namespace Pathway.Tests.Integration.Kills;

/// <summary>Questions to an outside that never answers twice the same, killed with answers in flight: each row that is there has one answer, and what went took its own with it.</summary>
[Trait("suite", "kill")]
public sealed class AnswersKillTests(ITestOutputHelper output) : ProgramKillTest(output)
{
    private readonly Dictionary<int, Answers.Question> _questions = [];
    private int _version;

    [Fact]
    public async Task Answers_KilledInFlight_AreOneForEachRow()
    {
        await KillAgainAndAgainAsync("answers", writesFiles: true, Write, () =>
        {
            var found = Files.RowsOf<Answers.Answered>("answers.jsonl");
            return found.Values.All(times => times == 1)
                && ChangeFiles.AreEqual(found.Keys.GroupBy(a => (a.Id, a.Version)).ToDictionary(g => g.Key, g => g.LongCount()), _questions.Values.Where(q => q.IsThere).Select(q => (q.Id, q.Version)));
        });
        // Each question is a new one, so what was asked twice was open, or not committed, when the process died.
        Assert.Contains(ChangeFiles.WholeLinesOf(Path.Combine(Folder, "asked.txt")).GroupBy(line => line), asked => asked.Count() > 1);
    }

    private (string, object) Write(Random random)
    {
        var question = new Answers.Question(random.Next(300), ++_version, random.Next(4) > 0);
        _questions[question.Id] = question;
        return ("questions.jsonl", question);
    }
}
