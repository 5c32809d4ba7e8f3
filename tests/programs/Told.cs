using System.Globalization;
using System.Text;

namespace Pathway.Tests.Programs;

/// <summary>Sums handed to functions, which write down what they are told: every change, and what stands under each key.</summary>
public static class Told
{
    public sealed record Amount(int Id, int Key, long Value, bool IsThere) : IMayGo;

    public sealed record Total(int Key, long Rows, long Sum);

    internal static void Describe(Pipeline pipeline, string folder)
    {
        var totals = TestPrograms.Read<int, Amount>(pipeline, folder, "amounts.jsonl", a => a.Id).GroupBy(a => a.Key).Select(g => new Total(g.Key, g.Count(), g.Sum(a => a.Value)));
        var changes = Notebook(folder, "changes.txt");
        totals.Subscribe("changes", (some, _) =>
        {
            changes.Write(Encoding.UTF8.GetBytes(string.Concat(some.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Time.Value} {c.Weight} {c.Row.Key} {c.Row.Rows} {c.Row.Sum};\n")))));
            return ValueTask.CompletedTask;
        });
        var keys = Notebook(folder, "keys.txt");
        totals.SubscribeByKey("keys", c => keys.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.HasRow} {c.Row?.Rows} {c.Row?.Sum};\n"))));
    }

    // Unbuffered; a start has a line of its own, so that a line the last one was killed in is seen to be torn.
    private static FileStream Notebook(string folder, string file)
    {
        var notebook = new FileStream(Path.Combine(folder, file), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        notebook.Write("\nstart;\n"u8);
        return notebook;
    }
}
