using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Pathway.Core;

namespace Pathway.Engine;

/// <summary>Where an operator puts its questions, and gets the answers some time later.</summary>
/// <remarks>The worker's thread asks, cancels and takes, and never waits; tasks of the thread pool, as many as the capacity allows, ask outside. <c>_questions</c> is the worker's alone.</remarks>
/// <param name="ask">Asks outside; what it throws is a failed answer.</param>
/// <param name="capacity">How many questions are asked at a time.</param>
/// <param name="openMax">How many may be open before input has to wait.</param>
/// <typeparam name="TRow">What is asked about.</typeparam>
/// <typeparam name="TAnswer">The answer.</typeparam>
[SuppressMessage("Reliability", "CA1001", Justification = "A question's token source is disposed when it is answered or cancelled; the process's end takes the rest.")]
public sealed class AskPort<TRow, TAnswer>(Func<TRow, CancellationToken, ValueTask<TAnswer>> ask, int capacity, int openMax)
    where TRow : notnull
{
    private readonly Dictionary<TRow, Question> _questions = [];
    private readonly ConcurrentQueue<Question> _waiting = new();
    private readonly ConcurrentQueue<Question> _answered = new();
    private int _asking;    // tasks at work
    private int _open;

    /// <summary>Called when an answer came, on any thread.</summary>
    public Action Answered { get; set; } = static () => { };

    /// <summary>Whether answers wait to be taken. Any thread.</summary>
    public bool HasAnswers => !_answered.IsEmpty;

    /// <summary>Questions whose answers weren't taken yet. Any thread.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Whether as many are open as may be.</summary>
    public bool IsFull => Open >= openMax;

    /// <summary>Asks about a row.</summary>
    public void Ask(TRow row)
    {
        var question = new Question(row);
        _questions[row] = question;
        Interlocked.Increment(ref _open);
        _waiting.Enqueue(question);
        StartOne();
    }

    /// <summary>Nobody waits for the answer about <paramref name="row"/> any more.</summary>
    public void Cancel(TRow row)
    {
        if (_questions.Remove(row, out var question)) question.Stop.Cancel();
    }

    /// <summary>Stops asking; what is open stays without an answer.</summary>
    public void Stop()
    {
        _waiting.Clear();
        foreach (var question in _questions.Values) question.Stop.Cancel();
        _questions.Clear();
    }

    /// <summary>Takes an answer; none about a row whose question was cancelled.</summary>
    public bool TryTake([MaybeNullWhen(false)] out TRow row, out Attempt<TAnswer> answer)
    {
        while (_answered.TryDequeue(out var question))
        {
            Interlocked.Decrement(ref _open);
            var isWanted = _questions.TryGetValue(question.Row, out var current) && ReferenceEquals(current, question);
            question.Stop.Dispose();
            if (!isWanted) continue;
            _questions.Remove(question.Row);
            (row, answer) = (question.Row, question.Answer);
            return true;
        }

        (row, answer) = (default, default);
        return false;
    }

    private void StartOne()
    {
        var asking = Volatile.Read(ref _asking);
        while (asking < capacity)
        {
            var seen = Interlocked.CompareExchange(ref _asking, asking + 1, asking);
            if (seen == asking)
            {
                _ = Task.Run(AskAllAsync);
                return;
            }

            asking = seen;
        }
    }

    private async Task AskAllAsync()
    {
        while (_waiting.TryDequeue(out var question))
        {
            question.Answer = await AnswerAsync(question).ConfigureAwait(false);
            _answered.Enqueue(question);
            Answered();
        }

        Interlocked.Decrement(ref _asking);
        if (!_waiting.IsEmpty) StartOne();    // one came between the last look and the end
    }

    private async Task<Attempt<TAnswer>> AnswerAsync(Question question)
    {
        try
        {
            question.Stop.Token.ThrowIfCancellationRequested();
            return new(true, await ask(question.Row, question.Stop.Token).ConfigureAwait(false), null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new(false, default, e.Message);
        }
    }

    private sealed class Question(TRow row)
    {
        public TRow Row => row;

        public CancellationTokenSource Stop { get; } = new();

        public Attempt<TAnswer> Answer { get; set; }
    }
}
