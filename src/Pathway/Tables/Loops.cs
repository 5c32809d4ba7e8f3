using System.Runtime.CompilerServices;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Storage;

namespace Pathway;

/// <summary>Computations that repeat themselves until nothing changes any more, within an epoch and incrementally: a change of the input redoes what it touches in the rounds that it touches.</summary>
public static class Loops
{
    private const int LimitDefault = 10_000;

    /// <summary>What a table becomes by <paramref name="body"/>, again and again, until a round changes nothing: <c>x = start; while (x changes) x = body(x)</c>.</summary>
    /// <param name="start">What the first round begins with.</param>
    /// <param name="body">One round.</param>
    /// <param name="limit">More rounds than this stop the pipeline: there is no fixed point for the rows at hand, or it is further away than was thought.</param>
    /// <param name="text">The text of the body, for the plan.</param>
    /// <remarks>State: that of the steps in the loop, where each row stands with the rounds in which it came and went.</remarks>
    public static Table<TRow> Iterate<TRow>(this ITable<TRow> start, Func<LoopTable<TRow>, LoopTable<TRow>> body, int limit = LimitDefault, [CallerArgumentExpression(nameof(body))] string? text = null) =>
        Build(start, body, limit, isLimit: true, text);

    /// <summary>What a table becomes by <paramref name="body"/> in so many <paramref name="rounds"/>, or in fewer where nothing changes any more.</summary>
    /// <inheritdoc cref="Iterate{TRow}" path="/remarks"/>
    public static Table<TRow> Repeat<TRow>(this ITable<TRow> start, int rounds, Func<LoopTable<TRow>, LoopTable<TRow>> body, [CallerArgumentExpression(nameof(body))] string? text = null) =>
        Build(start, body, rounds, isLimit: false, text);

    /// <summary>As <see cref="Iterate{TRow}"/>, of two tables that become what they are by one another.</summary>
    public static (Table<TFirst> First, Table<TSecond> Second) Iterate<TFirst, TSecond>(
        ITable<TFirst> first, ITable<TSecond> second, Func<LoopTable<TFirst>, LoopTable<TSecond>, (LoopTable<TFirst> First, LoopTable<TSecond> Second)> body, int limit = LimitDefault,
        [CallerArgumentExpression(nameof(body))] string? text = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var loop = new Loop();
        var (a, b) = (Variable(loop, first), Variable(loop, second));
        var (nextA, nextB) = body(a, b);
        var run = Run(loop, [a.Node, b.Node, nextA.Node, nextB.Node], limit, isLimit: true, text, c =>
        {
            Connect(c, a, nextA);
            Connect(c, b, nextB);
        });
        return (Result(a, run), Result(b, run));
    }

    private static Table<TRow> Build<TRow>(ITable<TRow> start, Func<LoopTable<TRow>, LoopTable<TRow>> body, int rounds, bool isLimit, string? text)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rounds);
        var loop = new Loop();
        var variable = Variable(loop, start);
        var next = body(variable);
        return Result(variable, Run(loop, [variable.Node, next.Node], rounds, isLimit, text, c => Connect(c, variable, next)));
    }

    private static LoopTable<TRow> Variable<TRow>(Loop loop, ITable<TRow> start)
    {
        var from = start.Rows().Node;
        var placement = new VariablePlacement<TRow>();
        return new(start.Rows().Pipeline, new Node<TRow>("LoopVariable", RowSchema.Of(typeof(TRow)).ToString(), "", [], [from], c => new LoopVariable<TRow>(placement.BatchOf(c, from))) { Loop = loop }) { Placement = placement };
    }

    private static void Connect<TRow>(OperatorContext context, LoopTable<TRow> variable, LoopTable<TRow> next)
    {
        if (next.Node.Loop != variable.Node.Loop) throw new ConfigurationException("The body of a loop has to give a table that it made of the one that it got; it gave one of another loop.");
        ((LoopVariable<TRow>)context.OperatorOf(variable.Node)).Body = variable.Placement!.BatchOf(context, next.Node);    // as its start: a row that goes and comes again has to meet itself
    }

    private static Node Run(Loop loop, IReadOnlyList<Node> ends, int rounds, bool isLimit, string? text, Action<OperatorContext> connect) => new Node<ValueTuple>(
        isLimit ? "Iterate" : "Repeat", "", $"{text} {rounds}", [], ends, c =>
        {
            connect(c);
            return new LoopRun(rounds, isLimit);
        }) { EndOf = loop, GivesAgain = false };

    private static Table<TRow> Result<TRow>(LoopTable<TRow> variable, Node run) => new(variable.Pipeline, new Node<TRow>(
        "LoopResult", RowSchema.Of(typeof(TRow)).ToString(), "", [], [run, variable.Node], c => new LoopResult<TRow>((LoopVariable<TRow>)c.OperatorOf(variable.Node))) { EndOf = run.EndOf, GivesAgain = false });
}
