using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>Each row becomes what an answer from outside makes of it, in the epoch in which the answer comes.</summary>
/// <remarks>
/// State: the rows without an answer, which are asked about again after a restart; the answers of the others, so that a row that goes takes back just what it gave. A row that goes before its answer comes was never there.
/// Of equal rows one is asked about.
/// </remarks>
/// <param name="input">The rows.</param>
/// <param name="port">Where questions go.</param>
/// <param name="result">The row that comes out, from a row and its answer.</param>
/// <param name="unanswered">The row that stands there until the answer comes; null for none.</param>
/// <param name="takesFailures">Whether <paramref name="result"/> is asked for failed answers as well; else those are errors of their rows.</param>
/// <param name="pending">Rows without an answer, and how often they are there.</param>
/// <param name="answers">Answers, and how often their rows are there.</param>
public sealed class Ask<TRow, TAnswer, TOut>(
    Batch<TRow> input, AskPort<TRow, TAnswer> port, Func<TRow, Attempt<TAnswer>, TOut> result, Func<TRow, TOut>? unanswered, bool takesFailures,
    KeyedState<TRow, long> pending, KeyedState<TRow, (long Count, Attempt<TAnswer> Answer)> answers) : Operator<TOut>, IAsking
    where TRow : notnull
{
    private readonly Consolidation<TRow> _consolidation = new();

    /// <inheritdoc/>
    public bool HasAnswers => port.HasAnswers;

    /// <inheritdoc/>
    public int Open => port.Open;

    /// <inheritdoc/>
    public bool IsFull => port.IsFull;

    /// <inheritdoc/>
    public void Resume(Action answered)
    {
        port.Answered = answered;
        foreach (var (row, _) in pending.All()) port.Ask(row);
    }

    /// <inheritdoc/>
    public void Stop() => port.Stop();

    /// <inheritdoc/>
    public override IEnumerable<Delta<TOut>> Contents()
    {
        foreach (var (row, known) in answers.Stored())
            if ((known.Answer.Succeeded || takesFailures) && TryTell(row, r => result(r, known.Answer), out var given)) yield return new(given, known.Count);
        if (unanswered is null) yield break;
        foreach (var (row, count) in pending.Stored())
            if (TryTell(row, unanswered, out var given)) yield return new(given, count);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        foreach (ref readonly var change in _consolidation.Of(input))
            if (change.Weight != 0) Take(change.Row, change.Weight);
        while (port.TryTake(out var row, out var answer)) TakeAnswer(row, answer);
    }

    private void Take(TRow row, long weight)
    {
        ref var known = ref answers.TryGetRef(in row);
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref known))
        {
            var answer = known.Answer;
            known.Count += weight;
            if (known.Count == 0) answers.Remove(in row);
            Give(row, answer, weight);
            return;
        }

        ref var count = ref pending.GetOrAdd(in row, out var isAsked);
        count += weight;
        if (count == 0)
        {
            pending.Remove(in row);
            port.Cancel(row);
        }
        else if (!isAsked)
        {
            port.Ask(row);
        }

        if (unanswered is not null && Errors.Try(unanswered, in row, weight, out var given)) Output.Add(in given, weight);
    }

    private void TakeAnswer(TRow row, Attempt<TAnswer> answer)
    {
        if (!pending.TryGet(in row, out var count)) return;
        pending.Remove(in row);
        answers.Set(in row, (count, answer));
        if (unanswered is not null && Errors.Try(unanswered, in row, -count, out var given)) Output.Add(in given, -count);
        Give(row, answer, count);
    }

    // Where a function throws, the row is among the errors already.
    private bool TryTell(TRow row, Func<TRow, TOut> function, out TOut given)
    {
        var told = Errors is null ? new(true, function(row), null) : Attempt.Of(row, function);
        given = told.Value!;
        return told.Succeeded;
    }

    private void Give(in TRow row, in Attempt<TAnswer> answer, long weight)
    {
        if (answer.Succeeded || takesFailures)
        {
            if (Errors.Try(result, in row, in answer, weight, out var given)) Output.Add(in given, weight);
            return;
        }

        if (Errors is null) throw new BadDataException($"The question about {StepErrors.TextOf(in row)} failed: {answer.Error}");
        Errors.Add(StepErrors.TextOf(in row), weight, answer.Error!);
    }
}
