namespace Pathway.Tests.Unit.Golden;

/// <summary>Says what of a scenario a replay on a real database can't do.</summary>
internal static class GoldenSupport
{
    /// <summary>Why a scenario can't be replayed; null if it can.</summary>
    public static string? WhyNot(GoldenScenario scenario) => GoldenOptions.WhyNot(scenario);
}
