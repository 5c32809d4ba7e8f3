using Npgsql;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Replicas;

/// <summary>What tests of a sync from one database into another share: both databases, random traffic, and the comparison by checksum.</summary>
public abstract class ReplicaTest(PostgresServer postgres, ITestOutputHelper output) : IAsyncLifetime
{
    private protected TestDatabase Source { get; private set; } = null!;

    private protected TestDatabase Target { get; private set; } = null!;

    private protected int RunSeed { get; } = Seed.OfThisRun(output);

    public virtual async ValueTask InitializeAsync()
    {
        await postgres.StartAsync();
        (Source, Target) = (await postgres.CreateDatabaseAsync(), await postgres.CreateDatabaseAsync());
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Target.DisposeAsync();
        await Source.DisposeAsync();
    }

    /// <summary>Waits until the target's tables hold what the source's hold.</summary>
    private protected async Task ArrivesAsync(PathwayProcess running, params string[] tables)
    {
        var (expected, found) = (await SumsAsync(Source, tables), "");
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    if (running.HasExited) throw new InvalidOperationException($"pathway ended.\n{running.Everything}");
                    return (found = await SumsAsync(Target, tables)) == expected;
                },
                "the target holds what the source holds", TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} PATHWAY_SEED={RunSeed}\nexpected {expected}\nfound    {found}\n{running.Everything}", e);
        }
    }

    /// <summary>Rows and checksum of each table; nothing where a table isn't there.</summary>
    private protected static async Task<string> SumsAsync(TestDatabase database, params string[] tables)
    {
        var sums = new List<string>();
        foreach (var table in tables)
        {
            try
            {
                sums.Add($"{table} {await database.ScalarAsync<string>($"SELECT count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM {table} t")}");
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
            {
            }
        }

        return string.Join("; ", sums);
    }
}
