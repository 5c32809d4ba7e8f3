namespace Pathway.Tests.Integration.Faults;

/// <summary>Checks an initial load that ran while the tables were written to, key by key, against an independent reading.</summary>
/// <remarks>
/// For each key: without its loaded row (<c>r</c>), what the target holds is exactly the end of the independent reading; a loaded row comes at most once and has the value that the key had
/// at that place; and what the target holds last is what the table holds.
/// </remarks>
internal static class LoadHistory
{
    /// <param name="found">What the target holds, by topic and key.</param>
    /// <param name="all">All changes since before the load began.</param>
    /// <param name="before">The rows that stood in the tables when the independent reading began.</param>
    /// <param name="now">The rows that stand there now.</param>
    /// <returns>Sentences on what is wrong; none if all is well.</returns>
    public static List<string> Faults(Dictionary<string, List<string>> found, Dictionary<string, List<string>> all, Dictionary<string, string> before, Dictionary<string, string> now)
    {
        var faults = new List<string>();
        foreach (var key in found.Keys.Union(now.Keys).Union(all.Keys))
        {
            var events = found.GetValueOrDefault(key) ?? [];
            var history = all.GetValueOrDefault(key) ?? [];
            var streamed = events.Where(e => !e.StartsWith("r ", StringComparison.Ordinal)).ToList();
            var loads = events.Count - streamed.Count;
            if (loads > 1) faults.Add($"{key}: loaded {loads} times");
            if (streamed.Count > history.Count || !history.TakeLast(streamed.Count).SequenceEqual(streamed))
            {
                faults.Add($"{key}: streamed {string.Join(" | ", streamed)}\n  which is no end of {string.Join(" | ", history)}");
                continue;
            }

            if (loads == 1)
            {
                var at = events.FindIndex(e => e.StartsWith("r ", StringComparison.Ordinal));
                var then = StateAfter(before.GetValueOrDefault(key), history.Take(history.Count - streamed.Count + at));
                if ("r " + then != events[at]) faults.Add($"{key}: loaded '{events[at]}' where the row was '{then}'");
            }

            var last = StateAfter(null, events);
            if (last != now.GetValueOrDefault(key)) faults.Add($"{key}: the target ends with '{last}', the table has '{now.GetValueOrDefault(key)}'");
        }

        return faults;
    }

    private static string? StateAfter(string? row, IEnumerable<string> events)
    {
        foreach (var change in events)
        {
            if (change is "d" or "tombstone") row = null;
            else row = change[2..];
        }

        return row;
    }
}
