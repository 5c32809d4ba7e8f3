using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>What stands for a large value that an update didn't touch.</summary>
internal static class Placeholder
{
    private const string Hex = "hex:";

    /// <summary>The bytes of the setting: those of its text, or those after <c>hex:</c>.</summary>
    public static byte[] Read(string setting)
    {
        if (!setting.StartsWith(Hex, StringComparison.Ordinal)) return Encoding.UTF8.GetBytes(setting);
        try
        {
            return Convert.FromHexString(setting[Hex.Length..]);
        }
        catch (FormatException exception)
        {
            throw new ConfigurationException($"unavailable.value.placeholder is '{setting}'; behind hex: two hexadecimal digits for each byte are expected.", exception);
        }
    }

    /// <summary>The placeholder as text; what isn't UTF-8 becomes U+FFFD, as in Java.</summary>
    public static byte[] AsText(ReadOnlySpan<byte> placeholder) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(placeholder));
}
