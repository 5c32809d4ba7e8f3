namespace Pathway.Storage;

/// <summary>The number that an operator's state keys begin with. Never reused within a state directory; 0 is the store itself.</summary>
/// <param name="Value">The number.</param>
public readonly record struct OperatorId(uint Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
