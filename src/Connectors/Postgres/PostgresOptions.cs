using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Which database is read, and how. Sources with equal options share one replication slot, so that a transaction over several tables stays whole.</summary>
public sealed record PostgresOptions
{
    /// <summary>The connection in Npgsql's words: <c>Host=…;Port=…;Database=…;Username=…;Password=…</c>.</summary>
    public required string Connection { get; init; }

    /// <summary>What slot and publication are called where they aren't named: the pipeline's name.</summary>
    public required string Name { get; init; }

    /// <summary>The replication slot; default: made from <see cref="Name"/>. Lower-case letters, digits and underscores, at most 63.</summary>
    public string? Slot { get; init; }

    /// <summary>The publication; default: made from <see cref="Name"/>.</summary>
    public string? Publication { get; init; }

    /// <summary>Whether the rows that are there at first start are loaded. Default true; false: only what changes from then on.</summary>
    public bool InitialLoad { get; init; } = true;

    /// <summary>Rows of a chunk of the initial load at most. Default 20 000: a kill costs one chunk, and memory holds one.</summary>
    public int ChunkRows { get; init; } = 20_000;

    /// <summary>About how many bytes of rows a chunk has at most, so that it has fewer where they are wide. Default 4 MB.</summary>
    public int ChunkBytes { get; init; } = 4 << 20;

    /// <summary>How many chunks are read at the same time. Default 2: beside the reading of one, the rows of the other are made. Memory holds so many chunks.</summary>
    public int LoadParallel { get; init; } = 2;

    /// <summary>Rows a second that are loaded at most, over all tables; null, the default: as fast as it goes.</summary>
    public long? LoadRate { get; init; }

    /// <summary>How often is looked for tables that came to be asked for and published. Default 10 s.</summary>
    public TimeSpan LookForTablesEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a message is written into the WAL, so that the slot moves on where nothing of ours is written; needs no table. Null, the default: never; the server's own signs of life are followed in any case.</summary>
    public TimeSpan? WalHeartbeatEvery { get; init; }

    /// <summary>Below so many bytes that the server may still write before it gives our slot up (<c>safe_wal_size</c>) the log warns. Default 1 GB.</summary>
    public long WarnBelowSafeBytes { get; init; } = 1L << 30;

    /// <summary>Above so many bytes that the server keeps for our slot the log warns. Default 10 GB.</summary>
    public long WarnAboveRetainedBytes { get; init; } = 10L << 30;

    /// <summary>Whether a slot that was lost is given up, another one made, and every table loaded again: an explicit choice, for one start. Default: no, a lost slot is refused.</summary>
    /// <remarks>What was deleted meanwhile is told where rows are remembered (<see cref="RowMemory"/>) and nowhere else.</remarks>
    public bool LoadAgain { get; init; }

    /// <summary>What can be asked of the reader while it runs; null where nothing is.</summary>
    public PostgresCommands? Commands { get; init; }

    /// <summary>Whether the publication is named after the pipeline, so that it is ours to change.</summary>
    internal bool OwnsPublication => Publication is null || Publication == Plain(Name);

    /// <summary>Bytes of a slice; a transaction that is larger is handed on in parts. Default 1 MB.</summary>
    public int SliceBytes { get; init; } = 1 << 20;

    /// <summary>How often those who ask for heartbeats get one while the stream is read. Default 10 s.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After failing to reach the server for so long the pipeline stops. Null, the default: never.</summary>
    public TimeSpan? GiveUpAfter { get; init; }

    /// <summary>The slot's name.</summary>
    internal string SlotName => Checked(Slot ?? Plain(Name), "slot");

    /// <summary>The publication's name.</summary>
    internal string PublicationName => Checked(Publication ?? Plain(Name), "publication");

    /// <summary>Server and database, without secrets.</summary>
    internal string Place
    {
        get
        {
            var parsed = Parse(Connection);
            return $"{parsed.Host}:{parsed.Port}/{parsed.Database}";
        }
    }

    /// <summary>The connection for SQL, with the settings that the text form of values depends on.</summary>
    internal string SqlConnection => With(c => c.ApplicationName ??= "pathway");

    /// <summary>The connection for questions to the catalog: kept from one to the next, since a change of one table has the stream describe all of them anew.</summary>
    internal string CatalogConnection => With(c =>
    {
        c.ApplicationName ??= "pathway";
        (c.Pooling, c.MaxPoolSize) = (true, 3);
        (c.MaxAutoPrepare, c.AutoPrepareMinUsages) = (20, 2); // planning takes longer than answering
    });

    /// <summary>The connection for replication.</summary>
    internal string ReplicationConnection => With(c =>
    {
        c.ApplicationName ??= "pathway";
        c.KeepAlive = 0;
    });

    /// <summary>What the text form of values depends on.</summary>
    internal const string ValueSettings = "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=3 -c bytea_output=hex -c client_encoding=UTF8";

    private string With(Action<NpgsqlConnectionStringBuilder> change)
    {
        var builder = Parse(Connection);
        builder.Options = string.IsNullOrEmpty(builder.Options) ? ValueSettings : $"{builder.Options} {ValueSettings}";
        builder.Pooling = false;
        builder.IncludeErrorDetail = false;
        change(builder);
        return builder.ConnectionString;
    }

    /// <summary>Reads a connection string.</summary>
    internal static NpgsqlConnectionStringBuilder Parse(string connection)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connection);
        }
        catch (ArgumentException)
        {
            // The exception's text may repeat parts of the string, and with them a password.
            throw new ConfigurationException("The connection to Postgres can't be read. It has the form Host=…;Port=5432;Database=…;Username=…;Password=…, in Npgsql's words.");
        }
    }

    private static string Plain(string name)
    {
        var plain = string.Concat(name.ToLowerInvariant().Select(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') ? c : '_'));
        return plain.Length <= 63 ? plain : plain[..63];
    }

    private static string Checked(string name, string what) => name.Length is > 0 and <= 63 && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_')
        ? name
        : throw new ConfigurationException($"'{name}' can't be the {what}'s name: lower-case letters, digits and underscores can, at most 63 of them.");
}
