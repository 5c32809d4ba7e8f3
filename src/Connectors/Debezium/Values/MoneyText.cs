namespace Pathway.Connectors.Debezium;

/// <summary>Reads money as Postgres prints it by lc_monetary.</summary>
internal static class MoneyText
{
    /// <summary>Leaves sign, digits and decimal point, which is the last separator that isn't followed by exactly three digits, and brings it to <paramref name="scale"/> digits behind that. Returns the length.</summary>
    public static int Plain(ReadOnlySpan<byte> text, int scale, Span<byte> plain)
    {
        var length = 0;
        if (text.IndexOfAny((byte)'-', (byte)'(') >= 0) plain[length++] = (byte)'-';
        var last = text.LastIndexOfAnyInRange((byte)'0', (byte)'9');
        var separator = text[..(last + 1)].LastIndexOfAny((byte)'.', (byte)',');
        var point = separator >= 0 && last - separator != 3 ? separator : -1;
        var behindPoint = -1;
        for (var i = 0; i <= last && behindPoint < scale; i++)
        {
            if (i == point)
            {
                if (scale == 0) break;
                plain[length++] = (byte)'.';
                behindPoint = 0;
            }
            else if ((uint)(text[i] - '0') <= 9)
            {
                plain[length++] = text[i];
                if (behindPoint >= 0) behindPoint++;
            }
        }

        if (scale > 0 && behindPoint < 0)
        {
            plain[length++] = (byte)'.';
            behindPoint = 0;
        }

        for (; behindPoint < scale && scale > 0; behindPoint++) plain[length++] = (byte)'0';
        return length;
    }
}
