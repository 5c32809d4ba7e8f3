using System.Text.Json;
using System.Text.Json.Serialization;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>A column of a version of a table whose rows are remembered.</summary>
/// <param name="Name">Its name then.</param>
/// <param name="Number">Its number in the table; 0 if unknown.</param>
/// <param name="Type">The OID of its type.</param>
/// <param name="Modifier">Its type modifier.</param>
internal sealed record StoredColumn(string Name, int Number, uint Type, int Modifier)
{
    /// <summary>The columns of a table.</summary>
    public static StoredColumn[] Of(PgTable table) => [.. table.Columns.Select(c => new StoredColumn(c.Name, c.Number, c.Type.Oid, c.TypeModifier))];

    /// <summary>Columns as bytes.</summary>
    public static Blob Write(StoredColumn[] columns) => new(JsonSerializer.SerializeToUtf8Bytes(columns, StoredColumnJson.Default.StoredColumnArray));

    /// <summary>Columns from bytes.</summary>
    public static StoredColumn[] Read(Blob bytes) => JsonSerializer.Deserialize(bytes.Memory.Span, StoredColumnJson.Default.StoredColumnArray)!;
}

[JsonSerializable(typeof(StoredColumn[]))]
internal sealed partial class StoredColumnJson : JsonSerializerContext;
