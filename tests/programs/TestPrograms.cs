using Pathway.Connectors;

namespace Pathway.Tests.Programs;

/// <summary>The programs, by name, and how they read and write.</summary>
public static class TestPrograms
{
    private static readonly FileReading Growing = new() { Follow = true, LookEvery = TimeSpan.FromMilliseconds(10) };

    public static IReadOnlyDictionary<string, Action<Pipeline, string>> All { get; } = new Dictionary<string, Action<Pipeline, string>>
    {
        ["graph"] = Graph.Describe, ["answers"] = Answers.Describe, ["told"] = Told.Describe, ["shop"] = Shop.Describe, ["words"] = Words.Describe, ["visits"] = Visits.Describe,
    };

    /// <summary>The rows of a file that are there: a later line with the same key replaces the earlier one.</summary>
    internal static Table<TRow> Read<TKey, TRow>(Pipeline pipeline, string folder, string file, Func<TRow, TKey> key)
        where TKey : notnull
        where TRow : IMayGo => pipeline.Table(Files.Table(Path.Combine(folder, file), key, FileForm.Json<TRow>(), Growing)).Rows().Where(row => row.IsThere);

    /// <summary>The changes of a table into a file; all of a program's files are one target.</summary>
    internal static void To<TRow>(this ITable<TRow> table, string folder, string file) => table.Rows().To(Files.ChangeSink<TRow>(Path.Combine(folder, file)));
}

/// <summary>A row that also says when it goes.</summary>
public interface IMayGo
{
    bool IsThere { get; }
}
