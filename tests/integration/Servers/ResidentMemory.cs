using System.Globalization;

namespace Pathway.Tests.Integration.Servers;

/// <summary>What a process has resident.</summary>
internal static class ResidentMemory
{
    /// <summary>In bytes; 0 when it has ended.</summary>
    public static long Of(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
