using System.Globalization;
using Pathway.Core;

namespace Pathway.Engine;

/// <summary>Where one step puts the rows that it can't take in.</summary>
/// <remarks>
/// A function over a row is pure, so it throws again when the row goes: the step then adds the same error with the weight of the row, and nothing has to be remembered. Loops over rows are entered again behind
/// the row that threw, so that a row without fault costs nothing.
/// </remarks>
/// <param name="log">The errors of the worker.</param>
/// <param name="step">The step.</param>
public sealed class StepErrors(RowErrors log, string step)
{
    /// <summary>Longer rows are cut.</summary>
    private const int TextLengthMax = 1000;

    /// <summary>The step couldn't take <paramref name="row"/> in.</summary>
    public void Add<TRow>(in TRow row, long weight, Exception reason) => Add(TextOf(in row), weight, reason.Message);

    /// <summary>The step couldn't take a pair of rows in.</summary>
    public void Add<TLeft, TRight>(in TLeft left, in TRight right, long weight, Exception reason) => Add($"{TextOf(in left)} with {TextOf(in right)}", weight, reason.Message);

    /// <summary>The step couldn't take in what <paramref name="row"/> says.</summary>
    public void Add(string row, long weight, string message) => log.Add(new RowError(step, row, message), weight);

    /// <summary>A row, key or group as text.</summary>
    public static string TextOf<TRow>(in TRow row)
    {
        // A row that goes after a restart has to have the text that it had before, wherever that was.
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            var text = row?.ToString() ?? "null";
            return text.Length <= TextLengthMax ? text : $"{text.AsSpan(0, TextLengthMax)}…";
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }
}

/// <summary>Calls of functions of the user's, in loops that can't be entered again.</summary>
internal static class StepErrorsCalls
{
    /// <summary>Calls <paramref name="function"/>; false if it threw and that became an error.</summary>
    public static bool Try<TRow, TOut>(this StepErrors? errors, Func<TRow, TOut> function, in TRow row, long weight, out TOut result)
    {
        if (errors is null)
        {
            result = function(row);
            return true;
        }

        try
        {
            result = function(row);
            return true;
        }
        catch (Exception e) when (RowFailure.IsOne(e))
        {
            errors.Add(in row, weight, e);
            result = default!;
            return false;
        }
    }

    /// <summary>Calls <paramref name="function"/> on a pair of rows; false if it threw and that became an error.</summary>
    public static bool Try<TLeft, TRight, TOut>(this StepErrors? errors, Func<TLeft, TRight, TOut> function, in TLeft left, in TRight right, long weight, out TOut result)
    {
        if (errors is null)
        {
            result = function(left, right);
            return true;
        }

        try
        {
            result = function(left, right);
            return true;
        }
        catch (Exception e) when (RowFailure.IsOne(e))
        {
            errors.Add(in left, in right, weight, e);
            result = default!;
            return false;
        }
    }
}
