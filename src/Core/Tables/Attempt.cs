namespace Pathway.Core;

/// <summary>A value, or the message that says why there is none: an error that stays in its row.</summary>
/// <param name="Succeeded">Whether there is a value.</param>
/// <param name="Value">The value; the default value without one.</param>
/// <param name="Error">Why there is none; null with a value.</param>
/// <typeparam name="TValue">The value.</typeparam>
public readonly record struct Attempt<TValue>(bool Succeeded, TValue? Value, string? Error)
{
    /// <summary>The value, or <paramref name="fallback"/> without one.</summary>
    public TValue Or(TValue fallback) => Succeeded ? Value! : fallback;

    /// <summary>What <paramref name="next"/> makes of the value; without one, or where it throws, the error.</summary>
    public Attempt<TOut> Then<TOut>(Func<TValue, TOut> next) => Succeeded ? Attempt.Of(Value!, next) : new(false, default, Error);
}

/// <summary>Makes attempts.</summary>
public static class Attempt
{
    /// <summary>What <paramref name="compute"/> makes of <paramref name="input"/>, or the message of what it throws.</summary>
    public static Attempt<TValue> Of<TIn, TValue>(TIn input, Func<TIn, TValue> compute)
    {
        try
        {
            return new(true, compute(input), null);
        }
        catch (Exception e) when (RowFailure.IsOne(e))
        {
            return new(false, default, e.Message);
        }
    }

    /// <summary>What <paramref name="compute"/> gives, or the message of what it throws.</summary>
    public static Attempt<TValue> Of<TValue>(Func<TValue> compute) => Of(compute, static c => c());
}
