using Npgsql;
using NpgsqlTypes;

namespace Pathway.Connectors.Postgres;

/// <summary>The catalog for a stream: asked again only for what was committed behind the last answer.</summary>
/// <remarks>
/// A stream that is behind meets changes of tables which the last answer holds already, and that answer is nearer to them than a new one would be. So reading a backlog with many versions of a table asks once, and
/// one that is followed as it is made asks once for each version.
/// </remarks>
internal sealed class StreamCatalog(NpgsqlDataSource source) : IPgCatalog
{
    private readonly PgCatalog _live = new(source);
    private readonly Dictionary<uint, (PgTable? Table, Lsn At)> _tables = [];
    private readonly Dictionary<uint, (PgType? Type, Lsn At)> _types = [];

    /// <inheritdoc/>
    public PgTable? FindTable(uint oid, Lsn commit) => Find(_tables, oid, commit, connection => _live.Find(connection, oid));

    /// <inheritdoc/>
    public PgType? FindType(uint oid, Lsn commit) => Find(_types, oid, commit, connection => _live.FindType(connection, oid));

    private T? Find<T>(Dictionary<uint, (T? Answer, Lsn At)> answers, uint oid, Lsn commit, Func<NpgsqlConnection, T?> ask)
    {
        if (answers.TryGetValue(oid, out var known) && commit < known.At) return known.Answer;
        using var connection = source.OpenConnection();
        var at = WhereItIs(connection); // before the question: what is committed meanwhile may be in the answer, but isn't sure to be
        var answer = ask(connection);
        answers[oid] = (answer, at);
        return answer;
    }

    private static Lsn WhereItIs(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END", connection);
        return new Lsn((ulong)(NpgsqlLogSequenceNumber)command.ExecuteScalar()!);
    }
}
