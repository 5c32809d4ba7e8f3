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
public sealed class SinkNode(string kind, string types, string text, IReadOnlyList<Node> inputs, Func<OperatorContext, SinkOperator> create) : Node(kind, types, text, [], inputs)
{
    /// <inheritdoc/>
    public override Operator CreateOperator(OperatorContext context) => create(context);
}
