using System.Net.Sockets;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Which faults of the server may pass by themselves, and how others are told.</summary>
internal static class PostgresFaults
{
    /// <summary>Whether trying again may help.</summary>
    public static bool IsTransient(Exception e) => e switch
    {
        PostgresException p => p.IsTransient || p.SqlState is "57P01" or "57P02" or "57P03" or "55006" or "58P01" || p.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        ConnectorException c => c.IsTransient,
        _ => IsLostUnderNpgsql(e),
    };

    /// <summary>The fault as one of ours, in words, without secrets.</summary>
    public static Exception Told(Exception e, PostgresOptions options) => e switch
    {
        PathwayException => e,
        PostgresException { SqlState: "28P01" or "28000" } p => new ConnectorException($"PostgreSQL {options.Place} refuses the login: {p.MessageText}. Check user and password; it isn't tried again.", e),
        PostgresException { SqlState: "3D000" } p => new ConnectorException($"PostgreSQL {options.Place}: {p.MessageText}.", e),
        PostgresException p => new ConnectorException($"PostgreSQL {options.Place}: {p.MessageText} ({p.SqlState}).", e) { IsTransient = IsTransient(e) },
        _ when IsLostUnderNpgsql(e) => new ConnectorException($"PostgreSQL {options.Place}: the connection was lost.", e) { IsTransient = true },
        NpgsqlException or SocketException or IOException or TimeoutException => new ConnectorException($"PostgreSQL {options.Place}: {e.Message}", e) { IsTransient = IsTransient(e) },
        _ => e, // no fault of the server's: told as what it is
    };

    // When a status update of Npgsql's own fails on a connection that was cut, the reading that runs meanwhile finds its connector gone.
    private static bool IsLostUnderNpgsql(Exception e) => e is NullReferenceException { Source: "Npgsql" };
}
