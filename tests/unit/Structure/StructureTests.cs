using System.Reflection;
using System.Text.RegularExpressions;
using Pathway.Core;

namespace Pathway.Tests.Unit.Structure;

/// <summary>The repository tests its own shape: the rooms' arrows, the length of files, the catalogue of fail points.</summary>
[Trait("suite", "unit")]
public sealed partial class StructureTests
{
    private const int LinesMax = 400;

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Pathway.Core"] = [],
        ["Pathway.Storage"] = ["Pathway.Core"],
        ["Pathway.S3"] = ["Pathway.Core", "Pathway.Storage"],
        ["Pathway.Engine"] = ["Pathway.Core", "Pathway.Storage"],
        ["Pathway.Checkpointing"] = ["Pathway.Core", "Pathway.Storage"],
        ["Pathway.Connectors"] = ["Pathway.Core"],
        ["Pathway.Connectors.Kafka"] = ["Pathway.Core", "Pathway.Connectors"],
        ["Pathway.Connectors.Postgres"] = ["Pathway.Core", "Pathway.Connectors"],
        ["Pathway.Connectors.Debezium"] = ["Pathway.Core", "Pathway.Connectors", "Pathway.Connectors.Postgres"],
        ["Pathway"] = ["Pathway.Core", "Pathway.Storage", "Pathway.Engine", "Pathway.Checkpointing", "Pathway.Connectors"],
        ["Pathway.Testing"] = ["Pathway.Core", "Pathway.Storage", "Pathway.Engine", "Pathway.Checkpointing", "Pathway.Connectors", "Pathway"],
        ["Pathway.Graphs"] = ["Pathway.Core", "Pathway.Storage", "Pathway.Engine", "Pathway"],
        ["Pathway.Hosting"] = ["Pathway.Core", "Pathway.Storage", "Pathway.Engine", "Pathway.Checkpointing", "Pathway.Connectors", "Pathway"],
    };

    private static string Root { get; } = FindRoot();

    public static TheoryData<string> Rooms => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Room_Refers_OnlyDownward(string room)
    {
        var references = Assembly.Load(room).GetReferencedAssemblies().Select(a => a.Name!).Where(n => n == "Pathway" || n.StartsWith("Pathway.", StringComparison.Ordinal));
        Assert.Empty(references.Except(Allowed[room]));
    }

    [Fact]
    public void RocksDb_IsNamed_InOneFolderOnly() =>
        Assert.DoesNotContain(Sources("src"), f => !f.Contains("/Storage/RocksDb/", StringComparison.Ordinal) && File.ReadAllText(f).Contains("RocksDbSharp", StringComparison.Ordinal));

    [Fact]
    public void File_IsNoLonger_ThanItsNounAsksFor() =>
        Assert.DoesNotContain(Sources("src", "tests", "examples", "benchmarks"), f => File.ReadLines(f).Count() > LinesMax);

    [Fact]
    public void FailPoint_InTheCatalogue_IsHitSomewhere_AndTheOtherWayRound()
    {
        var constants = typeof(FailPoints).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).ToDictionary(f => f.Name, f => (string)f.GetRawConstantValue()!);
        Assert.Equal(FailPoints.All.Keys.Order(StringComparer.Ordinal), constants.Values.Order(StringComparer.Ordinal));
        var hit = Sources("src").SelectMany(f => Hit().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.Empty(constants.Keys.Except(hit));
    }

    private static IEnumerable<string> Sources(params string[] folders) => folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Pathway.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex(@"FailPoint\.Hit\(FailPoints\.(\w+)\)")]
    private static partial Regex Hit();
}
