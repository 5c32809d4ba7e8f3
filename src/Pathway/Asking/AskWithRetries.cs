using Pathway.Core;
using Polly;
using Polly.Retry;

namespace Pathway.Asking;

/// <summary>A function that asks outside, with its time limit and its repetitions.</summary>
internal static class AskWithRetries
{
    public static Func<TRow, CancellationToken, ValueTask<TAnswer>> Of<TRow, TAnswer>(Func<TRow, CancellationToken, ValueTask<TAnswer>> ask, AskOptions options)
    {
        if (options.Capacity < 1 || options.OpenMax < 1 || options.Retries < 0 || options.Timeout <= TimeSpan.Zero || options.RetryDelay < TimeSpan.Zero)
            throw new ConfigurationException($"{options} can't be: Capacity and OpenMax are at least 1, Timeout is positive, Retries and RetryDelay aren't negative.");
        var builder = new ResiliencePipelineBuilder();
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries, Delay = options.RetryDelay, BackoffType = DelayBackoffType.Exponential, UseJitter = true,
                // A question that was cancelled isn't asked again; one that took too long is.
                ShouldHandle = static arguments => new(arguments.Outcome.Exception is not (null or OperationCanceledException)),
            });
        }

        var pipeline = builder.AddTimeout(options.Timeout).Build();
        return (row, stop) => pipeline.ExecuteAsync(static (state, token) => state.ask(state.row, token), (ask, row), stop);
    }
}
