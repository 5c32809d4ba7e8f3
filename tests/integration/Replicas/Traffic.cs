using Npgsql;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Replicas;

/// <summary>Random transactions over tables of all kinds: values too large to be sent again, keys that change, whole old rows, truncation.</summary>
internal sealed class Traffic(TestDatabase database, int seed)
{
    public static readonly string[] Tables = ["public.documents", "public.files", "public.\"odd Table\""];

    private readonly Random _random = new(seed);

    /// <summary>Whether keys of rows with large values may change: not before the initial load is complete.</summary>
    public bool MovesDocuments { get; set; }

    /// <summary>Whether a table is truncated now and then.</summary>
    public bool Truncates { get; set; } = true;

    /// <summary>The tables, empty.</summary>
    public const string Schema = """
        CREATE TABLE documents (id int PRIMARY KEY, body text, version int NOT NULL, tags text[]);
        ALTER TABLE documents ALTER body SET STORAGE EXTERNAL;
        CREATE TABLE files (area text, id bigint, content bytea, size numeric(12,2), PRIMARY KEY (id, area));
        ALTER TABLE files REPLICA IDENTITY FULL;
        ALTER TABLE files ALTER content SET STORAGE EXTERNAL;
        CREATE TABLE "odd Table" ("Key" uuid PRIMARY KEY, "a ""b" jsonb, at timestamptz DEFAULT now());
        """;

    public Task CreateAsync() => database.ExecuteAsync(Schema + """
        INSERT INTO documents SELECT g, repeat(md5(g::text), 100), 0, ARRAY['x', NULL, 'a,b'] FROM generate_series(1, 300) g;
        INSERT INTO files SELECT 'area ' || g % 3, g, decode(repeat(md5(g::text), 80), 'hex'), g / 7.0 FROM generate_series(1, 200) g;
        """);

    public async Task WriteAsync(TimeSpan? every, CancellationToken stop)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var session = await source.OpenConnectionAsync(CancellationToken.None);
        using var pace = every is { } period ? new PeriodicTimer(period) : null;
        while (!stop.IsCancellationRequested)
        {
            await TransactionAsync(session);
            if (pace is not null) await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public async Task WriteAsync(int transactions)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var session = await source.OpenConnectionAsync(CancellationToken.None);
        for (var i = 0; i < transactions; i++) await TransactionAsync(session);
    }

    /// <summary>Writes while <paramref name="act"/> runs.</summary>
    /// <param name="act">What runs.</param>
    /// <param name="every">The time between two transactions, where the target can't follow all that the source can; null for none.</param>
    public async Task WhileAsync(Func<Task> act, TimeSpan? every = null)
    {
        using var writing = new CancellationTokenSource();
        var writer = Task.Run(() => WriteAsync(every, writing.Token), CancellationToken.None);
        try
        {
            await act();
        }
        finally
        {
            await writing.CancelAsync();
            await writer;
        }
    }

    private async Task TransactionAsync(NpgsqlConnection session)
    {
        await using var transaction = await session.BeginTransactionAsync();
        var statements = _random.Next(1, _random.Next(10) == 0 ? 40 : 6);
        for (var i = 0; i < statements; i++)
        {
            await using var command = new NpgsqlCommand(Statement(), session);
            await command.ExecuteNonQueryAsync();
        }

        if (_random.Next(15) == 0) await transaction.RollbackAsync();
        else await transaction.CommitAsync();
    }

    private string Statement()
    {
        var (id, other, number) = (_random.Next(1, 400), _random.Next(1, 400), _random.Next());
        if (_random.Next(200) == 0 && Truncates) return "TRUNCATE files";
        return _random.Next(12) switch
        {
            < 2 => $"INSERT INTO documents VALUES ({id}, repeat('{number}', 500), 0, '{{{number}}}') ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            < 4 => $"UPDATE documents SET version = version + 1, tags = tags || ARRAY['{number}'] WHERE id IN ({id}, {other})",
            4 => $"DELETE FROM documents WHERE id = {id}",
            5 when MovesDocuments => $"UPDATE documents SET id = {other}, version = {number % 100} WHERE id = {id} AND NOT EXISTS (SELECT FROM documents WHERE id = {other})",
            < 7 => $"INSERT INTO files VALUES ('area {id % 3}', {id}, decode(repeat(md5('{number}'), 80), 'hex'), {number % 1000} / 7.0) ON CONFLICT (id, area) DO NOTHING",
            7 => $"UPDATE files SET size = size + 1 WHERE id = {id}",
            8 => $"UPDATE files SET id = {other + 400} WHERE id = {id} AND NOT EXISTS (SELECT FROM files WHERE id = {other + 400})",
            9 => $"DELETE FROM files WHERE id BETWEEN {id} AND {id + 3}",
            10 => $$"""INSERT INTO "odd Table" VALUES (md5('{{id % 50}}')::uuid, '{"n": {{number}}, "t": "tab\t"}') ON CONFLICT ("Key") DO UPDATE SET "a ""b" = NULL""",
            _ => $"UPDATE \"odd Table\" SET at = clock_timestamp(), \"Key\" = md5('{id}')::uuid WHERE \"Key\" = md5('{other % 50}')::uuid AND NOT EXISTS (SELECT FROM \"odd Table\" WHERE \"Key\" = md5('{id}')::uuid)",
        };
    }
}
