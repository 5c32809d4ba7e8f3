using System.Globalization;

namespace Pathway.Connectors.Postgres;

/// <summary>A place in the write-ahead log of a Postgres cluster.</summary>
/// <param name="Value">The 64-bit number; text form "16/B374D848" is its upper and lower half in hexadecimal.</param>
public readonly record struct Lsn(ulong Value) : IComparable<Lsn>
{
    /// <summary>No place: 0/0.</summary>
    public static Lsn None => default;

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">The text is no LSN.</exception>
    public static Lsn Parse(string text)
    {
        var slash = text.IndexOf('/');
        if (slash <= 0) throw new FormatException($"'{text}' is no LSN; one reads like 16/B374D848.");
        return new Lsn((ulong.Parse(text.AsSpan(0, slash), NumberStyles.HexNumber, CultureInfo.InvariantCulture) << 32)
            | uint.Parse(text.AsSpan(slash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public int CompareTo(Lsn other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => $"{Value >> 32:X}/{Value & 0xFFFFFFFF:X}";

    /// <summary>Whether <paramref name="left"/> lies before <paramref name="right"/>.</summary>
    public static bool operator <(Lsn left, Lsn right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> lies behind <paramref name="right"/>.</summary>
    public static bool operator >(Lsn left, Lsn right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> lies not behind <paramref name="right"/>.</summary>
    public static bool operator <=(Lsn left, Lsn right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> lies not before <paramref name="right"/>.</summary>
    public static bool operator >=(Lsn left, Lsn right) => left.Value >= right.Value;
}
