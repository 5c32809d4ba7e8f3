using System.Globalization;
using System.Text;
using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>The right to use a state directory, held by one process at a time.</summary>
/// <remarks>The operating system gives it back when the process ends, however it ends.</remarks>
public sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the lock of the state directory at <paramref name="paths"/>, which is made if it isn't there.</summary>
    /// <exception cref="RefusalException">Another process holds it.</exception>
    public static DirectoryLock Take(StatePaths paths)
    {
        Directory.CreateDirectory(paths.Root);
        try
        {
            var file = new FileStream(paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(Encoding.UTF8.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new DirectoryLock(file);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new RefusalException(
                $"the state directory '{paths.Root}' is in use", $"a lock that another process holds ({e.Message})", "a directory of this process alone",
                "Stop the other process, or give this pipeline a directory of its own.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
