using Pathway.Engine;

namespace Pathway;

/// <summary>How the rows of a loop's variable stand on the workers: by the key that the first join in the loop asks for, else equal ones together.</summary>
/// <remarks>So what goes round is exchanged once, and the old row and the new one under a key stay side by side.</remarks>
internal sealed class VariablePlacement<TRow>
{
    private Delegate? _key;
    private Func<OperatorContext, Node<TRow>, Batch<TRow>>? _byKey;

    /// <summary>Whether the rows stand by <paramref name="key"/>; they do if nobody asked before.</summary>
    public bool StandsBy<TKey>(Func<TRow, TKey> key)
    {
        if (_key is not null) return ReferenceEquals(_key, key);
        (_key, _byKey) = (key, (context, node) => context.BatchBy(node, key));
        return true;
    }

    /// <summary>The rows of <paramref name="node"/> that become the variable's on this worker.</summary>
    public Batch<TRow> BatchOf(OperatorContext context, Node<TRow> node) => _byKey is null ? context.BatchByRow(node) : _byKey(context, node);
}
