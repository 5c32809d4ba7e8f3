namespace Pathway.Tests.Unit.Golden;

/// <summary>Says what of a scenario a replay on a real database doesn't do yet.</summary>
internal static class GoldenSupport
{
    /// <summary>Why a scenario can't be replayed yet; null if it can.</summary>
    public static string? WhyNot(GoldenScenario scenario) =>
        GoldenOptions.WhyNot(scenario) ?? (scenario.Messages.Any(message => message.Data[0] == 'M') ? "logical messages" : null);
}
