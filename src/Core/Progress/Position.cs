namespace Pathway.Core;

/// <summary>Where one source partition stands, in the source's own text form (JSON or plain), so that people can read it in a state directory.</summary>
/// <remarks>Only the source that made it reads it. Equal text means the same place.</remarks>
/// <param name="Text">The text, never null.</param>
public readonly record struct Position(string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}
