using System.Net.Sockets;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>What a fault of the target's server means: trying again, a row that it can't take, or the end.</summary>
internal static class TargetFaults
{
    /// <summary>Whether the fault comes from the server or from the way there.</summary>
    public static bool IsOfServer(Exception e) => e is NpgsqlException or SocketException or IOException or TimeoutException;

    /// <summary>Whether the server took offence at a row: a value, or a constraint.</summary>
    public static bool IsOfRow(PostgresException e) => e.SqlState[..2] is "22" or "23" or "44" || e.SqlState is "42804" or "P0001" or "54000";

    /// <summary>The fault as one of ours, in words, without secrets.</summary>
    public static Exception Told(Exception e, PostgresTargetOptions options) => e switch
    {
        PostgresException { SqlState: "28P01" or "28000" } p => new ConnectorException($"PostgreSQL {options.Place} refuses the login: {p.MessageText}. Check user and password; it isn't tried again.", e),
        PostgresException { SqlState: "3D000" } p => new ConnectorException($"PostgreSQL {options.Place}: {p.MessageText}.", e),
        PostgresException { SqlState: "42501" } p => new ConnectorException($"PostgreSQL {options.Place}: {p.MessageText}. Grant the target's user what it lacks.", e),
        PostgresException p => new ConnectorException($"PostgreSQL {options.Place}: {p.MessageText} ({p.SqlState}).", e) { IsTransient = IsTransient(p) },
        _ => new ConnectorException($"PostgreSQL {options.Place}: {e.Message}", e) { IsTransient = true },
    };

    // Deadlocks and serialization failures with others' transactions, lock and statement time-outs, a server that stops or starts, a disk that is full.
    private static bool IsTransient(PostgresException e) =>
        e.IsTransient || e.SqlState[..2] is "08" or "40" or "53" or "57" or "58" || e.SqlState is "55P03" or "55006" or "25P03";
}
