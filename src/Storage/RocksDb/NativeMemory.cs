using System.Runtime.InteropServices;

namespace Pathway.Storage;

/// <summary>How this process's native libraries (RocksDB, librdkafka) get memory.</summary>
public static partial class NativeMemory
{
    private const int ArenasMax = -8;

    /// <summary>
    /// glibc gives each thread an arena of its own, up to eight for each processor, and keeps what is freed in them. With records made on one thread and freed on another that was 150 MB for nothing in a transaction of
    /// two million rows; two arenas are as quick. To be called before native threads begin; on other C libraries nothing happens.
    /// </summary>
    public static void LimitArenas()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("MALLOC_ARENA_MAX") is not null) return;
        try
        {
            _ = SetOption(ArenasMax, 2);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Not glibc.
        }
    }

    /// <summary>Gives what was freed and isn't used back to the operating system; on other C libraries nothing happens.</summary>
    public static void GiveBack()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = Trim(0);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Not glibc.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
