using System.Net.Sockets;
using System.Text.RegularExpressions;
using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Which faults of the server may pass by themselves, and how others are told.</summary>
internal static partial class PostgresFaults
{
    /// <summary>Whether trying again may help.</summary>
    public static bool IsTransient(Exception e) => e switch
    {
        PostgresException p when IsOfMissingWal(p) => false,
        PostgresException { SqlState: "42704" } => true, // the publication is gone: what that means is looked at by the next connection
        PostgresException p => p.IsTransient || p.SqlState is "57P01" or "57P02" or "57P03" or "55006" or "58P01" || p.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        ConnectorException c => c.IsTransient,
        _ => IsLostUnderNpgsql(e),
    };

    /// <summary>The fault as one of ours, in words, without secrets.</summary>
    public static Exception Told(Exception e, PostgresOptions options) => e switch
    {
        PathwayException => e,
        PostgresException p when IsOfMissingWal(p) => new RefusalException(
            $"PostgreSQL {options.Place} hasn't got the WAL any more that replication slot '{options.SlotName}' needs: it was removed, or reset (pg_resetwal)", p.MessageText, "all WAL from the slot's place on",
            "What stood in it is lost for this pipeline. With `before: state` for all tables start once with --load-again; else begin anew with an empty state directory and another slot."),
        PostgresException { SqlState: "28P01" or "28000" } p => new ConnectorException($"PostgreSQL {options.Place} refuses the login: {p.MessageText}. Check user and password; it isn't tried again.", e),
        PostgresException { SqlState: "3D000" } p => new ConnectorException($"PostgreSQL {options.Place}: {p.MessageText}.", e),
        PostgresException p => new ConnectorException($"PostgreSQL {options.Place}: {p.MessageText} ({p.SqlState}).", e) { IsTransient = IsTransient(e) },
        _ when IsLostUnderNpgsql(e) => new ConnectorException($"PostgreSQL {options.Place}: the connection was lost.", e) { IsTransient = true },
        NpgsqlException or SocketException or IOException or TimeoutException => new ConnectorException($"PostgreSQL {options.Place}: {e.Message}", e) { IsTransient = IsTransient(e) },
        _ => e, // no fault of the server's: told as what it is
    };

    // "requested WAL segment 000000010000000000000001 has already been removed", in whatever language.
    private static bool IsOfMissingWal(PostgresException e) => e.SqlState == "58P01" && WalSegment().IsMatch(e.MessageText);

    [GeneratedRegex("[0-9A-F]{24}")]
    private static partial Regex WalSegment();

    // When a status update of Npgsql's own fails on a connection that was cut, the reading that runs meanwhile finds its connector gone.
    private static bool IsLostUnderNpgsql(Exception e) => e is NullReferenceException { Source: "Npgsql" };
}
