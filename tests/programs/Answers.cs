using System.Globalization;
using System.Text;

namespace Pathway.Tests.Programs;

/// <summary>Questions to an outside that gives another answer each time it is asked, and takes its time; each question also leaves a line in <c>asked.txt</c>.</summary>
public static class Answers
{
    public sealed record Question(int Id, int Version, bool IsThere) : IMayGo;

    public sealed record Answered(int Id, int Version, string Answer);

    internal static void Describe(Pipeline pipeline, string folder)
    {
        // Unbuffered: what was asked is there, whenever the process dies.
        var asked = new FileStream(Path.Combine(folder, "asked.txt"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        TestPrograms.Read<int, Question>(pipeline, folder, "questions.jsonl", q => q.Id)
            .SelectAsync((question, stop) => AskAsync(asked, question, stop), (question, answer) => new Answered(question.Id, question.Version, answer), options: o => o with { Capacity = 32 })
            .To(folder, "answers.jsonl");
    }

    private static async ValueTask<string> AskAsync(FileStream asked, Question question, CancellationToken stop)
    {
        lock (asked) asked.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{question.Id} {question.Version}\n")));
        await Task.Delay(Random.Shared.Next(1, 40), stop);
        return Guid.NewGuid().ToString("N");
    }
}
