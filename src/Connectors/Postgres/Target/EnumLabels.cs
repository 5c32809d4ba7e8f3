using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Pathway.Connectors.Postgres;

/// <summary>Adds labels to enum types of a target that rows have and it lacks: at the source they were added after the type was made here.</summary>
/// <remarks>On a connection of its own: a label that a transaction adds can't be used in it. They stand behind the others, since a row doesn't say where.</remarks>
internal static class EnumLabels
{
    /// <summary>Adds what the rows that wait need; false where that is nothing.</summary>
    public static async Task<bool> AddMissingAsync(PostgresTargetOptions options, TableWriter writer, ILogger logger, CancellationToken stop)
    {
        var any = false;
        await using var connection = new NpgsqlConnection(options.SqlConnection);
        for (var i = 0; i < writer.Table.Columns.Count; i++)
        {
            var column = writer.Table.Columns[i];
            if (column.Labels is null) continue;
            if (connection.State != System.Data.ConnectionState.Open) await connection.OpenAsync(stop).ConfigureAwait(false);
            foreach (var label in await FindMissingAsync(connection, column, writer.TextsOf(i), stop).ConfigureAwait(false))
            {
                await using var add = new NpgsqlCommand($"ALTER TYPE {TypeOf(column)} ADD VALUE IF NOT EXISTS {FoundTable.Literal(label)}", connection);
                await add.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
                logger.LabelAdded(label, TypeOf(column), writer.Table.FullName);
                any = true;
            }
        }

        return any;
    }

    private static async Task<List<string>> FindMissingAsync(NpgsqlConnection connection, TargetColumn column, string[] texts, CancellationToken stop)
    {
        // Of arrays their elements.
        var values = column.Type.StartsWith('_') ? "SELECT e FROM unnest($3) t, unnest(t::text[]) e" : "SELECT e FROM unnest($3) e";
        await using var query = new NpgsqlCommand(
            $"""
            SELECT DISTINCT e FROM ({values}) v(e) WHERE e IS NOT NULL AND EXISTS (SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = $1 AND t.typname = $2 AND t.typtype = 'e')
            AND e NOT IN (SELECT l.enumlabel FROM pg_enum l JOIN pg_type t ON t.oid = l.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = $1 AND t.typname = $2) ORDER BY e
            """,
            connection)
        {
            Parameters = { new NpgsqlParameter { Value = SchemaOf(column) }, new NpgsqlParameter { Value = NameOf(column) }, new NpgsqlParameter { Value = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text } },
        };
        await using var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false);
        var missing = new List<string>();
        while (await reader.ReadAsync(stop).ConfigureAwait(false)) missing.Add(reader.GetString(0));
        return missing;
    }

    private static string TypeOf(TargetColumn column) => $"{FoundTable.Quote(SchemaOf(column))}.{FoundTable.Quote(NameOf(column))}";

    private static string SchemaOf(TargetColumn column) => column.TypeSchema ?? "public";

    private static string NameOf(TargetColumn column) => column.Type.StartsWith('_') ? column.Type[1..] : column.Type;
}
