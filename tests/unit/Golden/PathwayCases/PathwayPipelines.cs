namespace Pathway.Tests.Unit.Golden.Cases;

/// <content>Whole pipelines.</content>
internal static partial class PathwayOperations
{
    private static Dictionary<string, Action<PathwayCase>> Pipelines() => [];
}
