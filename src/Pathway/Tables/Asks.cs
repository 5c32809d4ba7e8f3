using System.Runtime.CompilerServices;
using Pathway.Asking;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway;

/// <summary>Functions that ask outside (a server, a model), and functions that don't always say the same.</summary>
/// <remarks>
/// <para>A row is asked about when it comes, beside the computation, and its answer makes a later epoch. It is asked about once for as long as it is there, and equal rows once: a row that goes takes back just
/// what it gave. A row that goes before its answer comes was never there.</para>
/// <para>State: rows without an answer, and answers. After a restart what had no answer is asked again; so is what was asked in an epoch that wasn't durable: outside, a question may be met twice. So many open questions
/// as <see cref="AskOptions.OpenMax"/> make the sources wait.</para>
/// </remarks>
public static class Asks
{
    /// <summary>Each row becomes what <paramref name="result"/> makes of it and its answer. A question that fails, also when repeated, is an error of its row (<see cref="ErrorPolicy"/>).</summary>
    /// <param name="table">The rows.</param>
    /// <param name="ask">Asks about a row.</param>
    /// <param name="result">The row that comes out.</param>
    /// <param name="unanswered">The row that stands there until the answer comes; without it there is none.</param>
    /// <param name="options">Changes the default options: how many at a time, how long, how often.</param>
    /// <param name="text">The text of <paramref name="ask"/>, for the plan.</param>
    /// <param name="resultText">That of <paramref name="result"/>.</param>
    public static Table<TOut> SelectAsync<TRow, TAnswer, TOut>(
        this ITable<TRow> table, Func<TRow, CancellationToken, ValueTask<TAnswer>> ask, Func<TRow, TAnswer, TOut> result, Func<TRow, TOut>? unanswered = null, Func<AskOptions, AskOptions>? options = null,
        [CallerArgumentExpression(nameof(ask))] string? text = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TRow : notnull => Build(table.Rows(), ask, (row, answer) => result(row, answer.Value!), unanswered, takesFailures: false, options, $"{text}: {resultText}");

    /// <summary>As <see cref="SelectAsync"/>, but a question that failed keeps its row: <paramref name="result"/> sees an answer or a message.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="ask">Asks about a row.</param>
    /// <param name="result">The row that comes out.</param>
    /// <param name="unanswered">The row that stands there until the answer comes; without it there is none.</param>
    /// <param name="options">Changes the default options: how many at a time, how long, how often.</param>
    /// <param name="text">The text of <paramref name="ask"/>, for the plan.</param>
    /// <param name="resultText">That of <paramref name="result"/>.</param>
    public static Table<TOut> TryAsync<TRow, TAnswer, TOut>(
        this ITable<TRow> table, Func<TRow, CancellationToken, ValueTask<TAnswer>> ask, Func<TRow, Attempt<TAnswer>, TOut> result, Func<TRow, TOut>? unanswered = null, Func<AskOptions, AskOptions>? options = null,
        [CallerArgumentExpression(nameof(ask))] string? text = null, [CallerArgumentExpression(nameof(result))] string? resultText = null)
        where TRow : notnull => Build(table.Rows(), ask, result, unanswered, takesFailures: true, options, $"try {text}: {resultText}");

    /// <summary>Each row becomes what <paramref name="selector"/> made of it when it came first: for functions that don't always say the same (a clock, a random number, a table that changes).</summary>
    /// <remarks>State: for each row that is there what was made of it. A row that went and comes again is computed anew.</remarks>
    public static Table<TOut> Memoized<TRow, TOut>(this ITable<TRow> table, Func<TRow, TOut> selector, [CallerArgumentExpression(nameof(selector))] string? text = null)
        where TRow : notnull
    {
        var from = table.Rows().Node;
        return table.Rows().Then("Memoized", $"{Describe<TRow>()} → {Describe<TOut>()}", text ?? "", [""], [from], c =>
            new Memo<TRow, TOut>(c.BatchBy(from, static row => row), selector, c.States.Keyed<TRow, (long, Attempt<TOut>)>(c.IdOf())), tellsContents: true);
    }

    private static Table<TOut> Build<TRow, TAnswer, TOut>(
        Table<TRow> table, Func<TRow, CancellationToken, ValueTask<TAnswer>> ask, Func<TRow, Attempt<TAnswer>, TOut> result, Func<TRow, TOut>? unanswered, bool takesFailures,
        Func<AskOptions, AskOptions>? options, string text)
        where TRow : notnull
    {
        var (from, chosen) = (table.Node, options is null ? new AskOptions() : options(new AskOptions()));
        var asking = AskWithRetries.Of(ask, chosen);
        // Each worker asks about its own rows: together no more than is wanted, but each at least one at a time.
        return table.Then("Ask", $"{Describe<TRow>()} ask {Describe<TAnswer>()} → {Describe<TOut>()}", text, ["pending", "answers"], [from], c => new Ask<TRow, TAnswer, TOut>(
            c.BatchBy(from, static row => row), new AskPort<TRow, TAnswer>(asking, Math.Max(1, chosen.Capacity / c.Workers), Math.Max(1, chosen.OpenMax / c.Workers)), result, unanswered, takesFailures,
            c.States.Keyed<TRow, long>(c.IdOf("pending")), c.States.Keyed<TRow, (long, Attempt<TAnswer>)>(c.IdOf("answers"))), tellsContents: true, notFromTable: "it would ask outside about all rows at once");
    }

    private static string Describe<T>() => RowSchema.Of(typeof(T)).ToString();
}
