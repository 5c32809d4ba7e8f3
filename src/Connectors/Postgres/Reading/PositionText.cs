using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Makes the text of positions: while nothing but the LSN changes, from two ready parts.</summary>
internal sealed class PositionText
{
    private readonly string _before, _after;

    /// <summary>For positions that are like <paramref name="position"/> but for their LSN and load.</summary>
    public PositionText(PostgresPosition position)
    {
        var text = (position with { Load = null, Lsn = new Lsn(ulong.MaxValue) }).ToPosition().Text;
        var lsn = new Lsn(ulong.MaxValue).ToString();
        var at = text.IndexOf(lsn, StringComparison.Ordinal);
        (_before, _after) = (text[..at], text[(at + lsn.Length)..]);
    }

    /// <summary>The text of <paramref name="position"/>.</summary>
    public Position Of(PostgresPosition position) => position.Load is null ? new Position(string.Concat(_before, position.Lsn.ToString(), _after)) : position.ToPosition();
}
