using Npgsql;

namespace Pathway.Connectors.Postgres;

/// <summary>A publication as the catalog has it.</summary>
/// <param name="Stamp">Changes whenever the publication itself is made anew or altered, other than in its tables.</param>
/// <param name="Operations">What it sends: insert, update, delete, truncate.</param>
internal sealed record PublicationState(string Stamp, string Operations)
{
    /// <summary>The publication; null if there is none of that name.</summary>
    public static async Task<PublicationState?> FindAsync(NpgsqlConnection connection, string name, CancellationToken stop)
    {
        await using var query = new NpgsqlCommand(
            "SELECT oid::text || '/' || xmin::text, concat_ws(', ', CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN 'update' END, CASE WHEN pubdelete THEN 'delete' END, CASE WHEN pubtruncate THEN 'truncate' END) FROM pg_publication WHERE pubname = $1",
            connection) { Parameters = { new NpgsqlParameter { Value = name } } };
        await using var reader = await query.ExecuteReaderAsync(stop).ConfigureAwait(false);
        return await reader.ReadAsync(stop).ConfigureAwait(false) ? new PublicationState(reader.GetString(0), reader.GetString(1)) : null;
    }
}
