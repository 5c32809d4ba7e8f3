using System.Diagnostics;

namespace Pathway.Tests.Unit.Evolution;

/// <summary>Runs one test (an explicit one) in a process of its own: to be killed there, or to have a working directory of its own.</summary>
internal static class ChildRun
{
    /// <summary>The environment variable that names the folder that the test works in.</summary>
    public const string FolderVariable = "PATHWAY_TEST_FOLDER";

    /// <summary>The folder that the test at hand was given.</summary>
    public static string Folder => Environment.GetEnvironmentVariable(FolderVariable) ?? throw new InvalidOperationException($"{FolderVariable} isn't set: this test runs as a child of others.");

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output)> RunAsync(Type tests, string method, string folder, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-method", $"{tests.FullName}.{method}", "-explicit", "only"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[FolderVariable] = folder;
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        return (process.ExitCode, $"{await output}\n{await error}");
    }
}
