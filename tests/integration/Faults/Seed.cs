using System.Globalization;

namespace Pathway.Tests.Integration.Faults;

/// <summary>The seed and size of a run of kill tests: <c>PATHWAY_SEED</c> and <c>PATHWAY_KILLS</c>.</summary>
internal static class Seed
{
    /// <summary>How many kills; default 30.</summary>
    public static int Kills => int.TryParse(Environment.GetEnvironmentVariable("PATHWAY_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 30;

    /// <summary>The seed of this run, printed with the number of kills.</summary>
    public static int OfThisRun(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PATHWAY_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PATHWAY_SEED={seed} PATHWAY_KILLS={Kills}"));
        return seed;
    }
}
