using System.Globalization;
using System.Net;

namespace Pathway.Cli;

/// <summary>Reads durations, sizes and addresses as people write them.</summary>
internal static class Quantity
{
    public const string DurationForm = "a duration such as 100ms, 10s, 5m or 1h", SizeForm = "a size such as 64KB, 256MB or 1GB", AddressForm = "an address such as 127.0.0.1:9180 or 0.0.0.0:9180";

    private const long MemoryLeast = 128L << 20;

    /// <summary>What <see cref="TryMemory"/> reads.</summary>
    public static string MemoryForm => $"{SizeForm}, from {MemoryLeast >> 20}MB on";

    /// <summary>Reads 100ms, 1.5s, 10m, 1h, 1d.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        var (number, unit) = Split(text);
        double? milliseconds = unit switch { "ms" => 1, "s" => 1e3, "m" => 60e3, "h" => 3600e3, "d" => 86400e3, _ => null };
        if (milliseconds is null || number is not { } count || count * milliseconds > TimeSpan.MaxValue.TotalMilliseconds / 2) return false;
        duration = TimeSpan.FromMilliseconds(count * milliseconds.Value);
        return true;
    }

    /// <summary>Reads 512B, 64KB, 256MB, 1GB (powers of 1024; KiB, MiB and GiB mean the same).</summary>
    public static bool TrySize(string text, out long bytes)
    {
        bytes = 0;
        var (number, unit) = Split(text);
        long? factor = unit.ToUpperInvariant() switch { "B" => 1, "KB" or "KIB" => 1L << 10, "MB" or "MIB" => 1L << 20, "GB" or "GIB" => 1L << 30, _ => null };
        if (factor is null || number is not { } count || count * factor > long.MaxValue / 2) return false;
        bytes = (long)(count * factor.Value);
        return true;
    }

    /// <summary>Reads memory for the whole process: a size of 128 MB at least, since the runtime and the libraries alone take more than less.</summary>
    public static bool TryMemory(string text, out long? bytes)
    {
        bytes = TrySize(text, out var size) && size >= MemoryLeast ? size : null;
        return bytes is not null;
    }

    /// <summary>Reads HOST:PORT; the host an IP address, a name, or * for every address.</summary>
    public static bool TryAddress(string text, out EndPoint address)
    {
        address = new IPEndPoint(IPAddress.None, 0);
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return false;
        var host = text[..colon];
        if (host == "*") address = new IPEndPoint(IPAddress.IPv6Any, port);
        else if (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && (ip.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6 || host[0] == '[')) address = new IPEndPoint(ip, port);
        else if (Uri.CheckHostName(host) == UriHostNameType.Dns) address = new DnsEndPoint(host, port);
        else return false;
        return true;
    }

    private static (double? Number, string Unit) Split(string text)
    {
        var digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.')) digits++;
        return (double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null, text[digits..].Trim());
    }
}
