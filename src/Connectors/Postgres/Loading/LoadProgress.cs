using System.Text.Json.Serialization;

namespace Pathway.Connectors.Postgres;

/// <summary>How far the loading of tables is: those that are done are not in it any more.</summary>
/// <param name="Pending">The tables that are yet to be loaded, in order; the first may be half done. Null before the first start found out which.</param>
/// <param name="Rows">Rows loaded so far, of all tables.</param>
/// <param name="Done">How many tables are done.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)] // another version's form is refused, not half understood
internal sealed record LoadProgress(IReadOnlyList<PendingTable>? Pending, long Rows, int Done = 0);

/// <summary>A table that is yet to be loaded.</summary>
/// <param name="Table">"schema.name".</param>
/// <param name="After">The primary key of the last row that was loaded, as text; null before the table's first chunk.</param>
/// <param name="Cause">Why it is loaded.</param>
internal sealed record PendingTable(string Table, IReadOnlyList<string>? After = null, LoadCause Cause = LoadCause.First);

/// <summary>Why a table is loaded.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LoadCause>))]
internal enum LoadCause
{
    /// <summary>It was there at the first start.</summary>
    First,

    /// <summary>It came later.</summary>
    Added,

    /// <summary>Somebody asked for it again.</summary>
    Again,
}
