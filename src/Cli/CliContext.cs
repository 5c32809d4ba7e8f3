namespace Pathway.Cli;

/// <summary>What a command works with besides its options: where it writes, and when it is asked to stop.</summary>
/// <param name="Output">Results, for people and pipes.</param>
/// <param name="Error">Logs and failures.</param>
/// <param name="Stop">The wish to stop.</param>
internal sealed record CliContext(TextWriter Output, TextWriter Error, StopSignal Stop)
{
    /// <summary>Whether <see cref="Output"/> is a terminal that a person looks at.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Whether to log at Debug and print stack traces: the environment variable PATHWAY_DEBUG is set to something other than 0.</summary>
    public bool Debug { get; init; } = Environment.GetEnvironmentVariable("PATHWAY_DEBUG") is { Length: > 0 } and not "0";
}
