using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>What a circuit does while steps are rebuilt: which steps give the rows they have, which give again, which take in; all others stand still.</summary>
public sealed class Pass
{
    /// <summary>Steps whose state tells their rows: they give all of them, slice by slice.</summary>
    public HashSet<Node> Feeds { get; } = [];

    /// <summary>Steps that take over the state that another form of their rows wrote, and give those rows.</summary>
    public Dictionary<Node, (OperatorId Before, RowConversion Conversion)> Conversions { get; } = [];

    /// <summary>Steps between, which give for those rows what they gave before, without their state.</summary>
    public HashSet<Node> Passes { get; } = [];

    /// <summary>Steps that take the rows in, as in any epoch.</summary>
    public HashSet<Node> Runs { get; } = [];
}
