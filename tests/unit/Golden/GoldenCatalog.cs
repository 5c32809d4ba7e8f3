using System.Text.Json;
using Pathway.Connectors.Postgres;

namespace Pathway.Tests.Unit.Golden;

/// <summary>The catalog of a recorded scenario, at all its times.</summary>
internal sealed class GoldenCatalog(IReadOnlyList<(Lsn From, IReadOnlyList<PgTable> Tables)> versions) : IPgCatalog
{
    /// <summary>The tables when the connector started.</summary>
    public IReadOnlyList<PgTable> First => versions[0].Tables;

    /// <summary>All tables of all times.</summary>
    public IEnumerable<PgTable> AllTables => versions.SelectMany(version => version.Tables);

    /// <inheritdoc/>
    public PgTable? FindTable(uint oid, Lsn commit) => At(commit).FirstOrDefault(table => table.Oid == oid);

    /// <inheritdoc/>
    public PgType? FindType(uint oid, Lsn commit) => At(commit).SelectMany(table => table.Columns).FirstOrDefault(column => column.Type.Oid == oid)?.Type;

    /// <summary>Reads catalog.json.</summary>
    public static GoldenCatalog Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return new GoldenCatalog([.. document.RootElement.GetProperty("versions").EnumerateArray().Select(version =>
            (Lsn.Parse(version.GetProperty("fromLsn").GetString()!), (IReadOnlyList<PgTable>)[.. version.GetProperty("tables").EnumerateArray().Select(Table)]))]);
    }

    private IReadOnlyList<PgTable> At(Lsn commit) => versions.Last(version => version.From < commit || version.From == Lsn.None).Tables;

    private static PgTable Table(JsonElement table) => new()
    {
        Oid = table.GetProperty("oid").GetUInt32(),
        Schema = table.GetProperty("schema").GetString()!,
        Name = table.GetProperty("name").GetString()!,
        ReplicaIdentity = table.GetProperty("replicaIdentity").GetString() switch { "n" => PgReplicaIdentity.Nothing, "f" => PgReplicaIdentity.Full, "i" => PgReplicaIdentity.Index, _ => PgReplicaIdentity.Default },
        PrimaryKey = Texts(table.GetProperty("primaryKey")),
        UniqueIndexes = [.. table.GetProperty("uniqueIndexes").EnumerateArray().Where(index => !index.GetProperty("primary").GetBoolean() && !index.GetProperty("expressions").GetBoolean())
            .OrderBy(index => index.GetProperty("name").GetString(), StringComparer.Ordinal).Select(index => Texts(index.GetProperty("columns")))],
        Columns = [.. table.GetProperty("columns").EnumerateArray().Select(Column)],
    };

    private static PgColumn Column(JsonElement column)
    {
        var generated = column.GetProperty("generated");
        return new PgColumn
        {
            Name = column.GetProperty("name").GetString()!,
            Type = Type(column, column.GetProperty("typeSchema").GetString()!),
            TypeModifier = column.GetProperty("typmod").GetInt32(),
            IsNotNull = column.GetProperty("notNull").GetBoolean(),
            IsGenerated = generated.ValueKind != JsonValueKind.Null,
            // Postgres keeps both in pg_attrdef, and Debezium takes the expression for a default.
            Default = generated.ValueKind != JsonValueKind.Null ? generated.GetProperty("expression").GetString() : column.GetProperty("default").GetString(),
        };
    }

    private static PgType Type(JsonElement type, string schema)
    {
        var element = Object(type, "element");
        var domain = Object(type, "domain");
        return new PgType
        {
            Oid = type.GetProperty("typeOid").GetUInt32(),
            Name = type.GetProperty("type").GetString()!,
            Schema = schema,
            Kind = type.GetProperty("typeKind").GetString()![0],
            EnumLabels = Object(type, "enumLabels") is { } labels ? Texts(labels) : [],
            Element = element is { } item ? Type(item, "pg_catalog") : null,
            DomainBase = domain is { } target ? Type(target, "pg_catalog") : null,
            DomainTypeModifier = domain is { } modified ? modified.GetProperty("typmod").GetInt32() : -1,
        };
    }

    private static JsonElement? Object(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string[] Texts(JsonElement array) => array.ValueKind == JsonValueKind.Null ? [] : [.. array.EnumerateArray().Select(text => text.GetString()!)];
}
