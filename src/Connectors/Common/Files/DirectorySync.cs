using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pathway.Connectors;

/// <summary>Makes the names in a directory durable: a new file can be lost with a power cut though its content was synced.</summary>
internal static partial class DirectorySync
{
    public static void Sync(string folder)
    {
        // Windows journals names by itself and gives no handle of a directory to sync.
        if (OperatingSystem.IsWindows()) return;
        using var handle = new SafeFileHandle(open(folder, 0), ownsHandle: true);
        if (handle.IsInvalid || fsync(handle) != 0) throw new IOException($"Syncing the directory {folder} failed: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle handle);
}
