using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pathway.Storage;

/// <summary>The machine's own disk.</summary>
public sealed partial class LocalDisk : IDisk
{
    /// <inheritdoc/>
    public void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(folder)!;
        MakeFolder(parent);
        Directory.CreateDirectory(folder);
        SyncFolder(parent); // else a power loss takes the folder away, with all that was synced in it
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)] : [];

    /// <inheritdoc/>
    public IDiskFile Create(string path) => new LocalFile(path, FileMode.Create);

    /// <inheritdoc/>
    public IDiskFile Open(string path) => new LocalFile(path, FileMode.Open);

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc/>
    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <inheritdoc/>
    public void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return; // NTFS journals names itself
        var handle = OpenFolder(folder, 0);
        if (handle < 0) throw new IOException($"Folder '{folder}' can't be opened: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        var failed = SyncHandle(handle) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = CloseHandle(handle);
        if (failed) throw new IOException($"Folder '{folder}' can't be synced: {new Win32Exception(error).Message}");
    }

    /// <inheritdoc/>
    public long FreeBytes(string folder) => new DriveInfo(folder).AvailableFreeSpace;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncHandle(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseHandle(int handle);

    private sealed class LocalFile : IDiskFile
    {
        private readonly SafeFileHandle _handle;

        public LocalFile(string path, FileMode mode) => _handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

        public long Length => RandomAccess.GetLength(_handle);

        public int Read(long offset, Span<byte> buffer)
        {
            var read = 0;
            while (read < buffer.Length)
            {
                var count = RandomAccess.Read(_handle, buffer[read..], offset + read);
                if (count == 0) break;
                read += count;
            }

            return read;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_handle, bytes, offset);

        public void Truncate(long length) => RandomAccess.SetLength(_handle, length);

        public void Sync() => RandomAccess.FlushToDisk(_handle);

        public void Dispose() => _handle.Dispose();
    }
}
