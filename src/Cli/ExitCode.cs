using Pathway.Core;

namespace Pathway.Cli;

/// <summary>How the process ends, for scripts; and what it says of a failure, for people. The one place that maps exceptions to either.</summary>
internal static class ExitCode
{
    public const int Stopped = 0, Failed = 1, BadUsage = 2, Refused = 3;

    /// <summary>The exit code for what came out of a command.</summary>
    /// <param name="failure">The exception.</param>
    /// <param name="stopAsked">Whether somebody asked us to stop: then a cancellation is no failure.</param>
    public static int Of(Exception failure, bool stopAsked) => Unwrap(failure) switch
    {
        OperationCanceledException when stopAsked => Stopped,
        ConfigurationException => BadUsage,
        RefusalException => Refused,
        _ => Failed,
    };

    /// <summary>The failure as a sentence; with <paramref name="debug"/> the stack trace below it.</summary>
    public static string Describe(Exception failure, bool debug)
    {
        failure = Unwrap(failure);
        var sentence = failure switch
        {
            PathwayException or IOException or UnauthorizedAccessException => failure.Message,
            OperationCanceledException => "Cancelled, though nobody asked to stop.",
            OutOfMemoryException => "Out of memory.",
            _ => $"Unexpected {failure.GetType().Name}: {Sentence(failure.Message)} PATHWAY_DEBUG=1 prints where it happened.",
        };
        return debug ? $"{sentence}{Environment.NewLine}{failure}" : sentence;
    }

    /// <summary>What went wrong, without the wrappings that tasks and static constructors put around it.</summary>
    public static Exception Unwrap(Exception failure) => failure switch
    {
        AggregateException { InnerExceptions: [var only] } => Unwrap(only),
        TypeInitializationException { InnerException: { } inner } => Unwrap(inner),
        System.Reflection.TargetInvocationException { InnerException: { } inner } => Unwrap(inner),
        _ => failure,
    };

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";
}
