using System.Diagnostics;

namespace Pathway.Tests.Integration.Servers;

/// <summary>Programs of this machine.</summary>
internal static class Tools
{
    /// <summary>The path of a program; null if it isn't in PATH.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    public static bool Exist(string program) => Find(program) is not null;

    /// <summary>Runs a program to its end and returns what it wrote to standard output; a failure carries all its output.</summary>
    public static async Task<string> RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{string.Join(' ', command)}: exit {process.ExitCode}: {await output}{await error}");
    }
}
