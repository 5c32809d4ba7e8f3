using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>What a document of Mongo becomes.</summary>
/// <param name="Members">The columns that its fields go to, found in any case and without underscores, beside <c>_id</c>; null: the document as a whole, as JSON.</param>
internal sealed record DocumentShape(IReadOnlyList<string>? Members)
{
    /// <summary>The names of the columns: the key's first.</summary>
    public IReadOnlyList<string> Columns { get; } = Members is null ? ["id", "document"] : ["_id", .. Members.Where(m => PlainName.Of(m) != "id")];

    /// <summary>The place of the column for a field; -1 for none.</summary>
    public int PlaceOf(string field)
    {
        for (var i = 0; i < Columns.Count; i++)
            if (Columns[i] == field) return i;
        // A field that is called id is none of the key's where there is an _id.
        for (var i = 1; i < Columns.Count; i++)
            if (PlainName.Of(Columns[i]) == PlainName.Of(field)) return i;
        return -1;
    }
}
