using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway;

/// <summary>Errors that stay in their rows.</summary>
public static class Tries
{
    /// <summary>Each row becomes what <paramref name="result"/> makes of it and of what <paramref name="compute"/> gives: a value, or the message of what it throws. Under either policy the row stays.</summary>
    public static Table<TOut> Try<TRow, TValue, TOut>(
        this ITable<TRow> table, Func<TRow, TValue> compute, Func<TRow, Attempt<TValue>, TOut> result,
        [CallerArgumentExpression(nameof(compute))] string? text = null, [CallerArgumentExpression(nameof(result))] string? resultText = null) =>
        table.Rows().Select(row => result(row, Attempt.Of(row, compute)), $"try {text}: {resultText}");

    /// <inheritdoc cref="Try{TRow, TValue, TOut}(ITable{TRow}, Func{TRow, TValue}, Func{TRow, Attempt{TValue}, TOut}, string, string)"/>
    public static Table<TKey, TOut> Try<TKey, TRow, TValue, TOut>(
        this Table<TKey, TRow> table, Func<TRow, TValue> compute, Func<TRow, Attempt<TValue>, TOut> result,
        [CallerArgumentExpression(nameof(compute))] string? text = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TKey : notnull => table.Select(row => result(row, Attempt.Of(row, compute)), $"try {text}: {resultText}");
}
