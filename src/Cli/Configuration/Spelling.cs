namespace Pathway.Cli;

/// <summary>Finds what somebody may have meant.</summary>
internal static class Spelling
{
    /// <summary>The word of <paramref name="known"/> that is nearest to <paramref name="word"/>; null where none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        var (nearest, distance) = known.Select(k => (Word: k, Distance: Distance(word.ToLowerInvariant().Replace('_', '-'), k))).DefaultIfEmpty((Word: "", Distance: int.MaxValue)).MinBy(k => k.Distance);
        return distance <= Math.Max(2, word.Length / 3) && distance < nearest.Length - 1 ? nearest : null;
    }

    /// <summary>How many letters must be put in, taken out or replaced to make one word of the other.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replace = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
