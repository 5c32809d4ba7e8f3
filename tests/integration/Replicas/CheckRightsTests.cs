using Npgsql;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Replicas;

/// <summary><c>sync --check</c> with a user of few rights on both sides: everything that a start or a later moment would stumble over is said at once.</summary>
[Trait("suite", "integration")]
public sealed class CheckRightsTests(PostgresServer postgres, ITestOutputHelper output) : ReplicaTest(postgres, output)
{
    [Fact]
    public async Task Check_UserWithoutRights_NamesAllThatIsMissingOnBothSides()
    {
        var user = $"poor_{Guid.NewGuid():N}"[..20];
        await Source.ExecuteAsync($"CREATE ROLE {user} LOGIN PASSWORD 'secret-of-tests'; CREATE TABLE items (id int PRIMARY KEY, name text, more int); CREATE TABLE others (id int PRIMARY KEY); REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) FROM PUBLIC");
        try
        {
            await Target.ExecuteAsync($"""
                REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO {user}; CREATE TABLE items (id int PRIMARY KEY, name text); GRANT SELECT, INSERT, DELETE ON items TO {user};
                REVOKE TEMPORARY ON DATABASE {Target.Name} FROM PUBLIC; CREATE SCHEMA letters; CREATE TABLE letters.box (id int); GRANT USAGE ON SCHEMA letters TO {user}
                """);
            var sync = SyncRun.ToPostgres(Source, Target, "public.*", "tables: create, dead-letters: letters.box");
            var text = await File.ReadAllTextAsync(sync.Config, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(sync.Config, text.Replace($"Username={PostgresServer.AdminUser}", $"Username={user}", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            await CheckAsync(
                sync, $"User '{user}' may not replicate", "Table public.items may not be read", "Table public.others may not be read", "may not write messages into the WAL", "isn't there, and may not be made",
                $"User '{user}' may not make temporary tables", "Schema pathway for the markers is missing", $"User '{user}' may not SELECT, INSERT, UPDATE on letters.box");

            // The source is well; now the tables of the target are known.
            await Source.ExecuteAsync($"ALTER ROLE {user} REPLICATION; GRANT SELECT ON items, others TO {user}; CREATE PUBLICATION {Source.Name} FOR TABLE items, others; GRANT EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) TO {user}");
            await CheckAsync(
                sync, $"User '{user}' may not make temporary tables", "The user may not UPDATE on public.items", $"User '{user}' may not TRUNCATE public.items", "lacks more, and belongs to somebody else", "Table public.others is to be created in", $"GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"{user}\"");
        }
        finally
        {
            await Source.ExecuteAsync($"DROP OWNED BY {user}");
            await Target.ExecuteAsync($"GRANT TEMPORARY ON DATABASE {Target.Name} TO PUBLIC; DROP OWNED BY {user}; DROP ROLE {user}");
        }
    }

    private static async Task CheckAsync(SyncRun sync, params string[] says)
    {
        await using var check = sync.Start(null, "--check");
        Assert.Equal(2, await check.WaitForExitAsync());
        foreach (var said in says) Assert.Contains(said, check.Everything, StringComparison.Ordinal);
    }
}
