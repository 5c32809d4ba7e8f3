using Pathway.Core;

namespace Pathway.Tests.Unit.Golden.Cases;

/// <summary>What the original computes for recorded inputs is what our operations give, change by change; where not, docs/DIFFERENCES.md says why.</summary>
[Trait("suite", "golden")]
public sealed class PathwayTests
{
    private const string None = "(no folder with cases)";

    public static TheoryData<string> Cases() => [.. PathwayCaseFolders.All.Keys.DefaultIfEmpty(None)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Operation_RecordedInput_GivesRecordedChanges(string name)
    {
        if (name == None) Assert.Skip("No recorded cases: PATHWAY_CASES_DIRS names no folder, and none lies beside the repository.");
        var operation = name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..];
        if (!PathwayOperations.All.TryGetValue(operation, out var build)) Assert.Skip($"{operation}: the operation isn't written.");
        using var recorded = new PathwayCase(PathwayCaseFolders.All[name]);
        var differs = PathwayDifferences.All.Contains(operation);
        if (recorded.IsRefused && !differs)
        {
            Assert.ThrowsAny<PathwayException>(() =>
            {
                build(recorded);
                recorded.Run();
            });
            return;
        }

        build(recorded);
        if (!differs)
        {
            Assert.Equal(recorded.Recorded(), recorded.Run());
            return;
        }

        var ours = Ours(recorded);
        // Of the cases that differ only those of our own collection are known to do it; others may hold nothing that makes a difference.
        if (name != operation && !recorded.IsRefused && recorded.Recorded().SequenceEqual(ours)) return;
        if (name != operation) Assert.Skip($"{operation}: differs, see docs/DIFFERENCES.md.");
        if (!recorded.IsRefused) Assert.NotEqual(recorded.Recorded(), ours);
        if (recorded.IsDefect && recorded.RightFinal() is { } right) Assert.Equal(right, recorded.Final());
        if (!PathwayOperations.AsOriginal.TryGetValue(operation, out var asOriginal)) return;
        using var again = new PathwayCase(PathwayCaseFolders.All[name]);
        asOriginal(again);
        if (operation != "02-joins/join-int-float-key") Assert.Equal(again.Recorded(), again.Run());
    }

    [Fact]
    public void Difference_EachOne_IsExplainedInTheDocumentation()
    {
        var documentation = File.ReadAllText(Path.Combine(PathwayCaseFolders.Repository, "docs", "DIFFERENCES.md"));
        Assert.All(PathwayDifferences.All, name => Assert.Contains($"`{name}`", documentation));
    }

    private static List<string> Ours(PathwayCase recorded)
    {
        try
        {
            return recorded.Run();
        }
        catch (BadDataException e)
        {
            return [e.Message];
        }
    }
}
