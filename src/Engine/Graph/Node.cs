using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>A step of a plan, described: what it is, what it reads, and how its operator is made. Immutable but for its name.</summary>
public abstract class Node(string kind, string types, string text, IReadOnlyList<string> states, IReadOnlyList<Node> inputs)
{
    /// <summary>Select, Where, Join …</summary>
    public string Kind { get; } = kind;

    /// <summary>The types it works on.</summary>
    public string Types { get; } = types;

    /// <summary>The text of its lambdas or settings.</summary>
    public string Text { get; } = text;

    /// <summary>The names of the states it keeps, unique in it: none, "" for a single one, or one for each side of a join.</summary>
    public IReadOnlyList<string> States { get; } = states;

    /// <summary>What it reads.</summary>
    public IReadOnlyList<Node> Inputs { get; } = inputs;

    /// <summary>Whether its rows keep the order in which they come in: a stream reads it, so all of them stay on one worker.</summary>
    public bool KeepsOrder { get; set; }

    /// <summary>Whether its rows only ever come and never go, so that steps behind it may forget what can't matter again.</summary>
    public bool OnlyGrows { get; init; }

    /// <summary>The user's name for it; null without one.</summary>
    public string? Name { get; set; }

    /// <summary>The loop that it is a step of; null for none. Such a step is run by its loop.</summary>
    public Loop? Loop { get; init; }

    /// <summary>The loop whose outcome it is, which runs with it; null for none.</summary>
    public Loop? EndOf { get; init; }

    /// <summary>The name that it had before, under which its state is found; null without one.</summary>
    public string? FormerName { get; set; }

    /// <summary>Whether its operator can tell all rows that it has given out from its state (<see cref="Operator.Feeder"/>).</summary>
    public bool TellsContents { get; init; }

    /// <summary>Whether it gives the same rows again for rows that it has taken in already, and leaves its state alone (<see cref="Operator.StepAgain"/>): every step without state does.</summary>
    public bool GivesAgain { get; init; } = states.Count == 0;

    /// <summary>How its stored rows are read that it wrote when its types were others (their text); null where that can't be.</summary>
    public Func<string, RowConversion>? Converts { get; init; }

    /// <summary>Why what it remembers can't be made anew from a table; null if it can.</summary>
    public string? NotFromTable { get; init; }

    /// <summary>Whether it gives the errors of all other steps; it and what reads it come behind those.</summary>
    public bool GivesErrors { get; init; }

    /// <summary>Makes its operator in a worker.</summary>
    public abstract Operator CreateOperator(OperatorContext context);
}

/// <summary>A step that gives rows of one type.</summary>
/// <typeparam name="TOut">The rows.</typeparam>
public sealed class Node<TOut>(string kind, string types, string text, IReadOnlyList<string> states, IReadOnlyList<Node> inputs, Func<OperatorContext, Operator<TOut>> create)
    : Node(kind, types, text, states, inputs)
{
    /// <summary>Whether each of its rows, which are keyed, stands on the worker that owns its key. Default false: on any.</summary>
    public bool StandsByKey { get; init; }

    /// <inheritdoc/>
    public override Operator CreateOperator(OperatorContext context) => create(context);
}

/// <summary>The end of a path: gives rows out.</summary>
public sealed class SinkNode(SinkForm form, string types, string text, IReadOnlyList<Node> inputs, Func<OperatorContext, SinkOperator> create) : Node("Sink", types, text, [], inputs)
{
    /// <summary>In which form rows leave.</summary>
    public SinkForm Form { get; } = form;

    /// <inheritdoc/>
    public override Operator CreateOperator(OperatorContext context) => create(context);
}

/// <summary>In which form rows leave.</summary>
public enum SinkForm
{
    /// <summary>Upserts and deletes by key.</summary>
    Keyed,

    /// <summary>Changes, with time and diff.</summary>
    Changes,

    /// <summary>The events of a stream, in order.</summary>
    Stream,
}
