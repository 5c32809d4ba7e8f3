using System.Diagnostics.CodeAnalysis;
using Pathway.Core;

namespace Pathway.Engine;

/// <summary>Operators of one worker in topological order: those of the whole graph, or those of a loop in it.</summary>
/// <remarks>They run in parts: behind each but the last stands an exchange or a loop, where all workers meet. The parts of all workers are the same.</remarks>
internal sealed class Section(Func<Node, string> nameOf)
{
    private readonly List<(int End, List<Exchange> Exchanges, Node Node)> _parts = [];    // the operators of a part end before End

    /// <summary>The operators, each with the node that it belongs to.</summary>
    public List<(Operator Operator, Node Node)> Operators { get; } = [];

    /// <summary>How many parts there are.</summary>
    public int Parts => _parts.Count;

    /// <summary>Adds the operators that give away and take rows in front of <paramref name="node"/>.</summary>
    public void AddExchanges(Node node, OperatorContext context)
    {
        if (context.Exchanges.Count == 0) return;
        foreach (var scatter in context.Scatters) Operators.Add((scatter, node));
        _parts.Add((Operators.Count, context.Exchanges, node));
        foreach (var gather in context.Gathers) Operators.Add((gather, node));
    }

    /// <summary>Adds the operator of <paramref name="node"/>.</summary>
    public void Add(Node node, Operator op)
    {
        Operators.Add((op, node));
        if (op is LoopRun) End(node);
    }

    /// <summary>A part ends behind <paramref name="node"/>: a loop comes, or nothing more.</summary>
    public void End(Node node) => _parts.Add((Operators.Count, [], node));

    /// <summary>Runs the operators of one part.</summary>
    public void RunPart(int part)
    {
        var at = part == 0 ? 0 : _parts[part - 1].End;
        try
        {
            for (; at < _parts[part].End; at++) Operators[at].Operator.Step();
        }
        catch (Exception e) when (e is not (PathwayException or OperationCanceledException or OutOfMemoryException))
        {
            Failed(Operators[at].Node, e);
        }
    }

    /// <summary>The loop that comes behind <paramref name="part"/>; null for none.</summary>
    public LoopRun? LoopBehind(int part) => _parts[part] is { End: > 0 and var end } ? Operators[end - 1].Operator as LoopRun : null;

    /// <summary>Whether an exchange behind <paramref name="part"/> can't be gathered by each worker for itself.</summary>
    public bool GoesInOrderBehind(int part)
    {
        foreach (var exchange in _parts[part].Exchanges)
            if (exchange.GoesInOrder) return true;
        return false;
    }

    /// <summary>Runs for all workers what goes in order behind <paramref name="part"/>.</summary>
    public void RunInOrder(int part)
    {
        try
        {
            foreach (var exchange in _parts[part].Exchanges)
                if (exchange.GoesInOrder) exchange.StepInOrder();
        }
        catch (Exception e) when (e is not (PathwayException or OperationCanceledException or OutOfMemoryException))
        {
            Failed(_parts[part].Node, e);
        }
    }

    /// <summary>Empties the batches of all operators.</summary>
    public void Clear()
    {
        foreach (var (op, _) in Operators) op.Clear();
    }

    /// <summary>Says which step failed.</summary>
    [DoesNotReturn]
    public void Failed(Node node, Exception reason) => throw new BadDataException($"Step '{nameOf(node)}' ({$"{node.Kind} {node.Text}".TrimEnd()}) failed: {reason.Message}", reason);
}
