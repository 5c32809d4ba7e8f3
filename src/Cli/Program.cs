using Pathway.Storage;

namespace Pathway.Cli;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        NativeMemory.LimitArenas();
        using var stop = StopSignal.Listen();
        return await CommandLine.RunAsync(args, new CliContext(Console.Out, Console.Error, stop) { IsTerminal = !Console.IsOutputRedirected });
    }
}
