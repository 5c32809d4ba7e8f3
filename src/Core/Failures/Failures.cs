namespace Pathway.Core;

/// <summary>What stops a pipeline for a reason that we can name.</summary>
public class PathwayException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A broken invariant of ours.</summary>
public sealed class InvariantException(string message) : PathwayException(message);

/// <summary>The configuration or the command line is wrong (exit code 2).</summary>
public sealed class ConfigurationException(string message, Exception? inner = null) : PathwayException(message, inner);

/// <summary>We refuse to start or to go on, since going on would be a guess (exit code 3, invariant I7).</summary>
/// <param name="what">What was met, as the beginning of a sentence: "the log is damaged before its end".</param>
/// <param name="found">What was found.</param>
/// <param name="expected">What was expected.</param>
/// <param name="remedy">What to do, as a sentence.</param>
public sealed class RefusalException(string what, string found, string expected, string remedy)
    : PathwayException($"Refused: {what}. Found: {found}. Expected: {expected}. {remedy}")
{
    /// <summary>What was met.</summary>
    public string What { get; } = what;

    /// <summary>What was found.</summary>
    public string Found { get; } = found;

    /// <summary>What was expected.</summary>
    public string Expected { get; } = expected;

    /// <summary>What to do.</summary>
    public string Remedy { get; } = remedy;
}

/// <summary>A row, a key or a column that can't be held or written; the message names table, key and column (exit code 1).</summary>
public sealed class BadDataException(string message, Exception? inner = null) : PathwayException(message, inner);

/// <summary>A fault of the world outside: a server, a network, a disk.</summary>
public class ConnectorException(string message, Exception? inner = null) : PathwayException(message, inner)
{
    /// <summary>Whether trying again may help.</summary>
    public bool IsTransient { get; init; }
}

/// <summary>Another producer or connection took our place at a target.</summary>
public sealed class FencedException(string message, Exception? inner = null) : ConnectorException(message, inner);
