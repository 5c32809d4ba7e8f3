using System.Diagnostics;

namespace Pathway.Tests.Integration.Servers;

/// <summary>One temporary folder for a test run, and a guard process that ends every server of the run and deletes the folder when the run ends in whatever way.</summary>
/// <remarks>The guard waits for the end of its standard input, which the kernel closes with our process, also after kill -9.</remarks>
public static class RunFolder
{
    private const string GuardScript = """
        trap '' INT TERM HUP
        cat > /dev/null
        for f in "$1"/*.pid; do [ -f "$f" ] && { read -r signal pid < "$f"; kill -"$signal" "$pid" 2> /dev/null; kill -CONT "$pid" 2> /dev/null; }; done
        for f in "$1"/*.container; do [ -f "$f" ] && docker rm -f -v "$(cat "$f")" > /dev/null 2>&1; done
        sleep 1
        rm -rf "$1"
        """;

    private static readonly Lazy<string> FolderOnce = new(Create);
    private static Process? _guard;
    private static int _counter;

    /// <summary>The folder.</summary>
    public static string Path => FolderOnce.Value;

    /// <summary>A new folder in it.</summary>
    public static string NewFolder(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, NewName(name))).FullName;

    /// <summary>A name that's unique on this machine.</summary>
    public static string NewName(string name) => $"{System.IO.Path.GetFileName(Path)}-{name}-{Interlocked.Increment(ref _counter)}";

    /// <summary>The guard is to send <paramref name="signal"/> to process <paramref name="pid"/> at the end, unless <see cref="Forget"/> comes first.</summary>
    public static void WatchProcess(string name, int pid, string signal = "KILL") => File.WriteAllText(System.IO.Path.Combine(Path, name + ".pid"), $"{signal} {pid}\n");

    /// <summary>The guard is to remove the container at the end.</summary>
    public static void WatchContainer(string name) => File.WriteAllText(System.IO.Path.Combine(Path, name + ".container"), name);

    /// <summary>The server of this name has ended.</summary>
    public static void Forget(string name)
    {
        File.Delete(System.IO.Path.Combine(Path, name + ".pid"));
        File.Delete(System.IO.Path.Combine(Path, name + ".container"));
    }

    private static string Create()
    {
        var folder = Directory.CreateTempSubdirectory("pathway-tests-").FullName;
        // Passable for the user that PostgreSQL runs as.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, (UnixFileMode)0b111_001_001);
        _guard = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", GuardScript, "guard", folder]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true });
        return folder;
    }
}
