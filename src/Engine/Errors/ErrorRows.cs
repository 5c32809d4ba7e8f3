using Pathway.Core;

namespace Pathway.Engine;

/// <summary>The errors of all steps of a worker as a table. It stands behind every step that doesn't read it.</summary>
public sealed class ErrorRows(RowErrors errors) : Operator<RowError>
{
    /// <inheritdoc/>
    public override void Step() => Output.AddRange(errors.Rows);
}
