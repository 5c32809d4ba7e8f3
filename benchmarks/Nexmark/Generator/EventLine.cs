using System.Globalization;
using System.Text;

namespace Pathway.Nexmark.Generator;

/// <summary>The line of an event, while it is written; ASCII, nothing to escape.</summary>
internal sealed class EventLine
{
    private readonly byte[] _bytes = new byte[4096];

    /// <summary>How long it is so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public void Add(string text) => Length += Encoding.ASCII.GetBytes(text, _bytes.AsSpan(Length));

    public void Add(byte letter) => _bytes[Length++] = letter;

    public void Add(long number, string? format = null)
    {
        number.TryFormat(_bytes.AsSpan(Length), out var written, format, CultureInfo.InvariantCulture);
        Length += written;
    }

    /// <summary>A word of 3 to <paramref name="max"/> - 1 letters, now and then with a separator inside.</summary>
    public void AddWord(ref EventRandom random, int max, char separator)
    {
        var length = 3 + (int)random.Below(max - 3);
        for (var i = 0; i < length; i++)
        {
            var v = random.Below(338);
            Add(v < 26 && i > 0 && i < length - 1 ? (byte)separator : (byte)('a' + (v % 26)));
        }
    }

    /// <summary>Letters that bring an event of <paramref name="size"/> letters to about <paramref name="average"/>.</summary>
    public void AddExtra(ref EventRandom random, int size, int average)
    {
        if (size > average) return;
        var want = average - size;
        var delta = ((2 * want) + 5) / 10;
        var length = want - delta + (delta == 0 ? 0 : (int)random.Below(2 * delta));
        ulong letters = 0;
        for (var i = 0; i < length; i++)
        {
            if (i % 12 == 0) letters = random.Next() >> 1;
            Add((byte)('a' + (letters % 26)));
            letters /= 26;
        }
    }
}
