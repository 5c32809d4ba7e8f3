namespace Pathway.Connectors.Debezium;

/// <summary>The order in which a Java HashMap with keys of text is gone through.</summary>
internal static class JavaHashOrder
{
    /// <summary>The entries in that order; <paramref name="entries"/> stand in the order in which they were put in.</summary>
    public static List<T> Of<T>(List<T> entries, Func<T, string> key)
    {
        if (entries.Count < 2) return entries;
        var buckets = 16;
        while (entries.Count > buckets * 3 / 4) buckets *= 2;
        return [.. entries.OrderBy(entry => Hash(key(entry)) & (buckets - 1))];      // stable: entries of a bucket keep their order
    }

    private static int Hash(string key)
    {
        var hash = 0;
        foreach (var unit in key) hash = unchecked((31 * hash) + unit);
        return hash ^ (int)((uint)hash >> 16);
    }
}
