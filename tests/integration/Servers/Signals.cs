using System.Runtime.InteropServices;

namespace Pathway.Tests.Integration.Servers;

/// <summary>Signals to processes, by id.</summary>
public static partial class Signals
{
    public const int Kill = 9, Terminate = 15, Interrupt = 2, Continue = 18, Stop = 19;

    /// <summary>Sends <paramref name="signal"/>; false if there is no such process.</summary>
    public static bool Send(int pid, int signal) => kill(pid, signal) == 0;

    /// <summary>Whether there is a process of this id that isn't a zombie.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The children of a process.</summary>
    public static IReadOnlyList<int> Children(int pid)
    {
        try
        {
            return [.. File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
