using Pathway.Storage;

namespace Pathway.Tests.Unit.Checkpointing.Folding;

/// <summary>Random state changes beside the dictionary that says what they come to.</summary>
internal sealed class Changes(Random random)
{
    private static readonly Comparer<byte[]> KeyOrder = Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));

    /// <summary>The last value of each key; null where it was deleted.</summary>
    public SortedDictionary<byte[], byte[]?> Last { get; } = new(KeyOrder);

    /// <summary>The keys that are there.</summary>
    public IEnumerable<(byte[] Key, byte[] Value)> Live => Last.Where(e => e.Value is not null).Select(e => (e.Key, e.Value!));

    /// <summary>A payload of <paramref name="count"/> changes over about <paramref name="keys"/> keys.</summary>
    public byte[] Next(int count, int keys)
    {
        using var changes = new StateChanges();
        for (var i = 0; i < count; i++)
        {
            var key = Key(random.Next(keys));
            if (random.Next(5) == 0)
            {
                changes.Delete(key);
                Last[key] = null;
                continue;
            }

            var value = new byte[random.Next(40)];
            random.NextBytes(value);
            changes.Put(key, value);
            Last[key] = value;
        }

        return changes.Bytes.ToArray();
    }

    // Of operator 1; some that differ in few bytes, in length alone, or only behind the 16th byte.
    private static byte[] Key(int number)
    {
        byte[] key = [0, 0, 0, 1, (byte)(number % 7)];
        return (number % 4) switch
        {
            0 => [.. key, (byte)(number >> 8), (byte)number],
            1 => [.. key, .. new byte[number % 30]],
            2 => [.. key, .. "a long common beginning"u8, (byte)(number >> 8), (byte)number],
            _ => [.. key, .. "a long common beginning"u8, .. new byte[number % 20]],
        };
    }
}
