using System.Globalization;

namespace Pathway.Core;

/// <summary>
/// Named places between the steps of the commit protocol where tests make the process die, fail or wait. Armed by the environment variable
/// <c>PATHWAY_FAILPOINTS="commit.after-log-sync=kill@3;deliver.before-marker=delay:200ms@1"</c>: kill, throw or delay, on the n-th hit (default 1).
/// </summary>
/// <remarks>Costs one read of a static field when off.</remarks>
public static class FailPoint
{
    /// <summary>The environment variable that arms them.</summary>
    public const string Variable = "PATHWAY_FAILPOINTS";

    private static readonly Dictionary<string, Plan>? Armed = Parse(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Passes the place <paramref name="name"/>, one of <see cref="FailPoints.All"/>.</summary>
    public static void Hit(string name)
    {
        if (Armed is not null && Armed.TryGetValue(name, out var plan)) plan.Hit(name);
    }

    /// <summary>Reads the variable's text; null when it is empty.</summary>
    /// <exception cref="ConfigurationException">A name or an action that doesn't exist.</exception>
    internal static Dictionary<string, Plan>? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var plans = new Dictionary<string, Plan>(StringComparer.Ordinal);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (name, rest) = Cut(part, '=');
            var (action, count) = Cut(rest, '@');
            if (!FailPoints.All.ContainsKey(name))
                throw new ConfigurationException($"{Variable} names the fail point '{name}', which doesn't exist. `pathway failpoints` lists them.");
            var (kind, delay) = Cut(action, ':');
            if (kind is not ("kill" or "throw" or "delay") || (count != "" && !int.TryParse(count, out _)))
                throw new ConfigurationException($"{Variable} has '{part}'. An entry reads NAME=kill|throw|delay:200ms[@N].");
            plans[name] = new Plan(kind, kind == "delay" ? ParseDelay(delay, part) : TimeSpan.Zero, count == "" ? 1 : int.Parse(count, CultureInfo.InvariantCulture));
        }

        return plans;
    }

    private static TimeSpan ParseDelay(string text, string part) =>
        text.EndsWith("ms", StringComparison.Ordinal) && int.TryParse(text[..^2], out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw new ConfigurationException($"{Variable} has '{part}'. A delay reads delay:200ms.");

    private static (string Before, string After) Cut(string text, char separator) =>
        text.IndexOf(separator) is var at and >= 0 ? (text[..at].Trim(), text[(at + 1)..].Trim()) : (text.Trim(), "");

    internal sealed class Plan(string kind, TimeSpan delay, int onHit)
    {
        private int _hits;

        public void Hit(string name)
        {
            if (Interlocked.Increment(ref _hits) != onHit) return;
            Console.Error.WriteLine($"fail point {name}: {kind}");
            switch (kind)
            {
                case "kill":
                    // SIGKILL to ourselves: nothing is flushed, no finally block runs.
                    System.Diagnostics.Process.GetCurrentProcess().Kill();
                    Thread.Sleep(Timeout.Infinite);
                    break;
                case "throw":
                    throw new ConnectorException($"Fail point {name} was armed to throw.");
                default:
                    Thread.Sleep(delay);
                    break;
            }
        }
    }
}
