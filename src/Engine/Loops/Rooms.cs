namespace Pathway.Engine;

/// <summary>Dictionaries that are filled and emptied again and again.</summary>
internal static class Rooms
{
    private const int KeptRoom = 1 << 16;

    /// <summary>Empties it; after a small use much room is given back, since emptying takes time with the room.</summary>
    public static void Clear<TKey, TValue>(Dictionary<TKey, TValue> dictionary)
        where TKey : notnull
    {
        if (dictionary.Count == 0) return;
        var isSmall = dictionary.Capacity > KeptRoom && dictionary.Count < dictionary.Capacity / 64;
        dictionary.Clear();
        if (isSmall) dictionary.TrimExcess();
    }
}
