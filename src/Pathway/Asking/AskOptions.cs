namespace Pathway;

/// <summary>How questions are asked outside. Immutable; changed with <c>with</c>.</summary>
public sealed record AskOptions
{
    /// <summary>How many questions are asked at a time. Default 16.</summary>
    public int Capacity { get; init; } = 16;

    /// <summary>How many may be open, asked or waiting, before input has to wait for answers. Default 10 000.</summary>
    public int OpenMax { get; init; } = 10_000;

    /// <summary>How long one try may take. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a question that failed is asked again. Default 3.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The wait before the first repetition; each further one waits about twice as long. Default 200 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);
}
