using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>What becomes of a line that holds no row.</summary>
public enum BadLines
{
    /// <summary>It stops the pipeline, with file, line, column and member in the message.</summary>
    Stop,

    /// <summary>It is left out: the first ones of a file are logged, all are counted in the log.</summary>
    Skip,
}

/// <summary>How a file is read. Immutable; changed with <c>with</c>.</summary>
public sealed record FileReading
{
    /// <summary>What the file, or folder, is called in the plan and in positions; null, the default, for its path as it is written. Give a name where the path isn't the same at each start: so a state directory can move with its files.</summary>
    public string? Name { get; init; }

    /// <summary>What becomes of a line that holds no row. Default: it stops the pipeline.</summary>
    public BadLines BadLines { get; init; }

    /// <summary>Whether reading goes on as the file grows, until the pipeline is stopped; a line is read when its end is written. Default false: the file is read once to its end.</summary>
    public bool Follow { get; init; }

    /// <summary>How often a file, or folder, that is followed is looked at. Default 200 ms.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(200);

    internal FileReading Checked() => LookEvery > TimeSpan.Zero ? this : throw new ConfigurationException($"LookEvery is {LookEvery}: it has to be longer than nothing.");
}
