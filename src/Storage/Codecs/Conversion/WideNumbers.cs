namespace Pathway.Storage;

/// <summary>Which numbers fit into which others without a loss.</summary>
internal static class WideNumbers
{
    private static readonly Dictionary<string, Type[]> Fitting = new()
    {
        ["byte"] = [typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal)],
        ["sbyte"] = [typeof(short), typeof(int), typeof(long), typeof(float), typeof(double), typeof(decimal)],
        ["short"] = [typeof(int), typeof(long), typeof(float), typeof(double), typeof(decimal)],
        ["ushort"] = [typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal)],
        ["int"] = [typeof(long), typeof(double), typeof(decimal)],
        ["uint"] = [typeof(long), typeof(ulong), typeof(double), typeof(decimal)],
        ["long"] = [typeof(decimal)],
        ["ulong"] = [typeof(decimal)],
        ["float"] = [typeof(double)],
    };

    /// <summary>Whether every number of the type called <paramref name="before"/> is one of <paramref name="now"/>.</summary>
    public static bool Fits(string before, Type now) => Fitting.TryGetValue(before, out var types) && types.Contains(now);
}
