using System.Diagnostics;

namespace Pathway.Tests.Integration.Servers;

/// <summary>Waits for conditions, with a deadline.</summary>
public static class Eventually
{
    /// <summary>Polls until <paramref name="holds"/> is true.</summary>
    public static Task TrueAsync(Func<bool> holds, string what, TimeSpan? within = null) => TrueAsync(() => Task.FromResult(holds()), what, within);

    /// <summary>Polls until <paramref name="holds"/> is true.</summary>
    public static async Task TrueAsync(Func<Task<bool>> holds, string what, TimeSpan? within = null)
    {
        var (deadline, since) = (within ?? TimeSpan.FromSeconds(30), Stopwatch.StartNew());
        while (!await holds())
        {
            if (since.Elapsed > deadline) throw new TimeoutException($"Not so within {deadline.TotalSeconds:0} s: {what}.");
            await Task.Delay(20);
        }
    }

    /// <summary>Repeats <paramref name="act"/> until it no longer throws; the last exception goes into the message.</summary>
    public static async Task<T> SucceedsAsync<T>(Func<Task<T>> act, string what, TimeSpan? within = null, Func<bool>? goesOn = null, Func<Task<string>>? log = null)
    {
        var (deadline, since) = (within ?? TimeSpan.FromSeconds(60), Stopwatch.StartNew());
        while (true)
        {
            try
            {
                return await act();
            }
            catch (Exception e) when (since.Elapsed < deadline && goesOn?.Invoke() != false)
            {
                _ = e;
                await Task.Delay(50);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Doesn't succeed after {since.Elapsed.TotalSeconds:0.0} s: {what}. {e.Message}\n{(log is null ? "" : await log())}", e);
            }
        }
    }
}
