using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Connectors;
using Pathway.Connectors.Postgres;
using Pathway.Core;
using Pathway.Tests.Integration.Faults;
using Pathway.Tests.Integration.Servers;
using Sinks = Pathway.Connectors.Postgres.Postgres;

namespace Pathway.Tests.Integration.Databases;

/// <summary>What the Postgres target does beside what every target does: tables made and checked, values of every type, refusals that name their row.</summary>
[Trait("suite", "integration")]
public sealed class PostgresTargetTests(PostgresServer postgres, ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly string[] RegionAndDay = ["region", "day"];
    private readonly PipelineId _pipeline = PipelineId.New();
    private readonly Incarnation _incarnation = Incarnation.New();
    private TestDatabase _database = null!;
    private CommitNumber _commit;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private enum Mood
    {
        Glad,
    }

    private sealed record Inner(int A, string B);

    private sealed record Everything(
        int Id, bool Flag, short Small, long Large, float Single, double Twice, decimal Exact, string? Text, Guid Mark, DateTime Time, DateTimeOffset Instant, DateOnly Day, TimeOnly Clock, TimeSpan Span, Mood Mood,
        ValueList<byte> Bytes, ValueList<string> Names, ValueList<int> Numbers, Inner Inner, int? Perhaps);

    public async ValueTask InitializeAsync()
    {
        await postgres.StartAsync();
        _database = await postgres.CreateDatabaseAsync();
    }

    public async ValueTask DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Create_RowOfEveryType_StandsInTheTable()
    {
        var sink = Sinks.Keyed<int, Everything>("shop.everything", Options(TableCreation.Create), ["id"]);
        var row = new Everything(
            7, true, -3, long.MinValue, 1.5f, double.PositiveInfinity, 12.340m, "tab\t, quote ', \\ and ☃", Guid.Parse("0193a0c0-0000-7000-8000-000000000001"), new DateTime(2026, 2, 28, 23, 59, 58, DateTimeKind.Utc).AddTicks(1234560),
            new DateTimeOffset(2026, 2, 28, 12, 0, 0, TimeSpan.FromHours(2)), new DateOnly(2026, 12, 31), new TimeOnly(23, 59, 59, 999), TimeSpan.FromHours(-30.5), Mood.Glad, [1, 0xFF], ["a", "b\"c\\", ""], [3, 4], new Inner(1, "x"), null);
        await DeliverAsync(sink, output => sink.Formatter.Upsert(7, row, output));
        Assert.Equal(
            "7|t|-3|-9223372036854775808|1.5|Infinity|12.340|tab\t, quote ', \\ and ☃|0193a0c0-0000-7000-8000-000000000001|2026-02-28 23:59:58.123456|2026-02-28 10:00:00+00|2026-12-31|23:59:59.999|-30:30:00|Glad|\\x01ff|{a,\"b\\\"c\\\\\",\"\"}|{3,4}|{\"a\": 1, \"b\": \"x\"}|",
            await _database.ScalarAsync<string>("SET timezone = 'UTC'; SELECT array_to_string(array(SELECT value FROM (SELECT (json_each_text(row_to_json(e))).* FROM shop.everything e) f), '|', '') FROM shop.everything WHERE false UNION ALL "
                + "SELECT concat_ws('|', id, flag, small, large, single, twice, exact, text, mark, time, instant, day, clock, span, mood, bytes, names, numbers, inner_, '') FROM (SELECT *, \"inner\" inner_ FROM shop.everything) e"));
        Assert.Equal("id", await _database.ScalarAsync<string>("SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = 'shop.everything'::regclass AND indisprimary"));
        Assert.Equal("id,flag,small,large,single,twice,exact,mark,time,instant,day,clock,span,mood,bytes,names,numbers,inner", await _database.ScalarAsync<string>("SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'shop.everything'::regclass AND attnum > 0 AND attnotnull"));
    }

    private sealed record Total(string Region, DateOnly Day, long Amount);

    [Fact]
    public async Task Keyed_TupleKeyWithNamedColumns_PutsAndDeletes()
    {
        await _database.ExecuteAsync("CREATE TABLE totals (region text, day date, amount numeric NOT NULL, note text DEFAULT 'kept', UNIQUE (day, region))");
        var sink = Sinks.Keyed<(string, DateOnly), Total>("public.totals", Options(), RegionAndDay);
        var (north, south) = (("north", new DateOnly(2026, 1, 1)), ("south", new DateOnly(2026, 1, 2)));
        await DeliverAsync(sink, output =>
        {
            sink.Formatter.Upsert(north, new Total("north", north.Item2, 1), output);
            sink.Formatter.Upsert(south, new Total("south", south.Item2, 2), output);
        });
        await DeliverAsync(sink, output =>
        {
            sink.Formatter.Delete(south, output);
            sink.Formatter.Upsert(north, new Total("north", north.Item2, 3), output);
        });
        Assert.Equal("(north,2026-01-01,3,kept)", await _database.ScalarAsync<string>("SELECT string_agg(t::text, ';') FROM totals t"));
    }

    private sealed record Reading(string Sensor, double Value);

    [Fact]
    public async Task Changes_RowsComeAndGo_AreAddedWithTimeAndDiff()
    {
        var sink = Sinks.Changes<Reading>("public.readings", Options(TableCreation.Create));
        await DeliverAsync(sink.Target, sink.Destinations, output =>
        {
            sink.Formatter.Format(new Reading("a", 1), 2, new Epoch(5), output);
            sink.Formatter.Format(new Reading("a", 1), -1, new Epoch(6), output);
        });
        Assert.Equal("(a,1,5,2);(a,1,6,-1)", await _database.ScalarAsync<string>("SELECT string_agg(r::text, ';' ORDER BY time) FROM readings r"));
    }

    [Fact]
    public async Task Claim_TablesThatDontFit_SaysEverythingAtOnceAndFencesNobody()
    {
        await _database.ExecuteAsync("CREATE TABLE totals (region text, day text, amount int, must text NOT NULL, gone text GENERATED ALWAYS AS ('x') STORED); CREATE VIEW readings AS SELECT 1 AS sensor");
        ITargetFactory factory = Sinks.Target(Options());
        string[] destinations =
        [
            Sinks.Keyed<(string, DateOnly), Total>("public.totals", Options(), RegionAndDay).Destinations[0], Sinks.Changes<Reading>("public.readings", Options()).Destinations[0], Sinks.Stream<Reading>("no.such", Options()).Destinations[0],
        ];
        await using var target = factory.Open(Context(destinations));
        var refusal = await Assert.ThrowsAsync<RefusalException>(() => target.ClaimAsync(null, Stop).AsTask());
        foreach (var said in (string[])
            [
                "Column amount of public.totals has type integer, which doesn't take every int8.", "Column must of public.totals is NOT NULL without default, and the rows have no such column.",
                "Table public.totals has no primary key or unique index (not deferrable, not partial) on exactly (region, day), by which rows are put.", "public.readings is no table but a view.",
                "There is no table no.such. It needs: sensor text, value float8.",
            ])
            Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, await _database.ScalarAsync<long>("SELECT count(*) FROM pathway.progress"));
    }

    [Fact]
    public async Task Claim_WrongPassword_IsNotTransientAndKeepsTheSecret()
    {
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(_database.ConnectionString) { Password = "wrong-secret" };
        await using var target = Sinks.Target(Options() with { Connection = connection.ConnectionString }).Open(Context([]));
        var fault = await Assert.ThrowsAsync<ConnectorException>(() => target.ClaimAsync(null, Stop).AsTask());
        Assert.False(fault.IsTransient);
        Assert.Contains("refuses the login", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", fault.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3000)]
    public async Task Deliver_RowThatBreaksAConstraint_NamesTableKeyColumnAndReason(int rows)
    {
        await _database.ExecuteAsync("CREATE TABLE totals (region text, day date, amount bigint CHECK (amount <> 77), PRIMARY KEY (region, day))");
        var sink = Sinks.Keyed<(string, DateOnly), Total>("public.totals", Options(), RegionAndDay);
        var bad = await Assert.ThrowsAsync<BadDataException>(() => DeliverAsync(sink, output =>
        {
            for (var i = 0; i < rows; i++) sink.Formatter.Upsert(($"r{i}", new DateOnly(2026, 1, 1)), new Total($"r{i}", new DateOnly(2026, 1, 1), i == rows - 2 ? 77 : i == 0 ? 77_000 : 1), output);
        }));
        Assert.Contains($"table public.totals, key (r{rows - 2}, 2026-01-01)", bad.Message, StringComparison.Ordinal);
        Assert.Contains("totals_amount_check", bad.Message, StringComparison.Ordinal);
        Assert.Equal(0, await _database.ScalarAsync<long>("SELECT count(*) FROM totals"));
        var nul = await Assert.ThrowsAsync<BadDataException>(() => DeliverAsync(sink, output => sink.Formatter.Upsert(("a\0b", new DateOnly(2026, 1, 1)), new Total("a\0b", new DateOnly(2026, 1, 1), 1), output)));
        Assert.Contains("column region", nul.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3000)]
    public async Task Deliver_RowsThatBreakAConstraint_AreDeadLettersBesideTheOthers(int rows)
    {
        await _database.ExecuteAsync("CREATE TABLE totals (region text, day date, amount bigint CHECK (amount <> 77), PRIMARY KEY (region, day)); CREATE TABLE readings (sensor varchar(3), value float8 NOT NULL)");
        var options = Options() with { DeadLetters = "public.letters" };
        var (sink, added) = (Sinks.Keyed<(string, DateOnly), Total>("public.totals", options, RegionAndDay), Sinks.Stream<Reading>("public.readings", options));
        var day = new DateOnly(2026, 1, 1);
        await DeliverAsync(sink.Target, [.. sink.Destinations, .. added.Destinations], output =>
        {
            for (var i = 0; i < rows; i++) sink.Formatter.Upsert(($"r{i}", day), new Total($"r{i}", day, i % 7 == 3 ? 77 : i + 100), output);
            for (var i = 0; i < rows; i++) added.Formatter.Format([new Reading(i % 5 == 1 ? "too long" : "abc", i)], output);
            sink.Formatter.Upsert(("a\0b", day), new Total("a\0b", day, 1), output);
        });
        var (bad, tooLong) = (Enumerable.Range(0, rows).Count(i => i % 7 == 3), Enumerable.Range(0, rows).Count(i => i % 5 == 1));
        Assert.Equal($"{rows - bad} {rows - tooLong} {bad + 1} {tooLong}", await _database.ScalarAsync<string>(
            "SELECT concat_ws(' ', (SELECT count(*) FROM totals), (SELECT count(*) FROM readings), (SELECT count(DISTINCT key) FROM letters WHERE table_name = 'public.totals' AND closed IS NULL), (SELECT count(*) FROM letters WHERE key IS NULL))"));
        Assert.Equal("[\"r3\",\"2026-01-01\"] {\"region\":\"r3\",\"day\":\"2026-01-01\",\"amount\":\"77\"} 23514 1", await _database.ScalarAsync<string>("SELECT concat_ws(' ', key, row, sqlstate, commit) FROM letters WHERE key LIKE '%\"r3\"%'"));
        Assert.StartsWith("new row for relation \"totals\" violates check constraint \"totals_amount_check\" (23514), constraint totals_amount_check", await _database.ScalarAsync<string>("SELECT reason FROM letters WHERE key LIKE '%\"r3\"%'"), StringComparison.Ordinal);

        // A later row of its key closes a letter.
        await DeliverAsync(sink, output =>
        {
            sink.Formatter.Upsert(("r3", day), new Total("r3", day, 78), output);
        });
        Assert.Equal($"{bad} 78", await _database.ScalarAsync<string>("SELECT concat_ws(' ', (SELECT count(*) FROM letters WHERE closed IS NULL AND key IS NOT NULL), (SELECT amount FROM totals WHERE region = 'r3'))"));

        var box = new PostgresDeadLetters(options, "target-test");
        await _database.ExecuteAsync("ALTER TABLE totals DROP CONSTRAINT totals_amount_check; ALTER TABLE readings ALTER sensor TYPE text");
        Assert.Equal((bad - 1 + tooLong, 1), await box.ReplayAsync(100_000, Stop));
        Assert.Equal((0, 1), await box.ReplayAsync(100_000, Stop));
        Assert.Equal($"{rows} {rows}", await _database.ScalarAsync<string>("SELECT concat_ws(' ', (SELECT count(*) FROM totals), (SELECT count(*) FROM readings))"));
    }

    [Fact]
    public async Task Deliver_RandomPutsPatchesMovesDeletesTruncates_HoldsWhatARecomputationHolds()
    {
        var random = new Random(Seed.OfThisRun(output));
        await _database.ExecuteAsync("CREATE TABLE t (k int PRIMARY KEY, a text, b text)");
        var table = new TargetTable("public", "t", [new("k", "int4"), new("a", "text"), new("b", "text")], ["k"]);
        var (expected, destination) = (new SortedDictionary<int, (string? A, string? B)>(), table.ToDestination());
        await using var target = Sinks.Target(Options() with { BulkRows = 30 }).Open(Context([destination]));
        await target.ClaimAsync(null, Stop);
        for (var transaction = 0; transaction < 60; transaction++)
        {
            using var buffer = new OutputBuffer();
            var rows = random.Next(3) == 0 ? random.Next(200) : random.Next(10);
            for (var i = 0; i < rows; i++) Write(random, expected, buffer, destination);
            await target.DeliverAsync(new BufferBatch(buffer, Marker(buffer.Rows)), Stop);
            var text = string.Join(';', expected.Select(e => $"{e.Key},{e.Value.A ?? "~"},{e.Value.B ?? "~"}"));
            Assert.Equal(text, await _database.ScalarAsync<string>("SELECT coalesce(string_agg(concat_ws(',', k, coalesce(a, '~'), coalesce(b, '~')), ';' ORDER BY k), '') FROM t"));
        }
    }

    private static void Write(Random random, SortedDictionary<int, (string? A, string? B)> expected, OutputBuffer buffer, string destination)
    {
        var (key, a, b) = (random.Next(40), random.Next(5) == 0 ? null : $"a{random.Next(1000)}", $"b{random.Next(1000)}");
        switch (random.Next(40))
        {
            case 0:
                expected.Clear();
                buffer.Add(destination, default, default, hasKey: false, hasValue: false);
                break;
            case < 10:
                expected.Remove(key);
                buffer.Add(destination, Tuple(key), default, hasValue: false);
                break;
            case < 20:
                if (expected.TryGetValue(key, out var old)) expected[key] = (a, old.B);
                buffer.Add(destination, Tuple(key), Tuple(key, a, Unchanged));
                break;
            case < 24:
                var to = 40 + random.Next(40);
                if (!expected.Remove(key, out var moved)) return;
                if (expected.ContainsKey(to)) buffer.Add(destination, Tuple(to), default, hasValue: false);
                expected[to] = (a, moved.B);
                buffer.Add(destination, Tuple(key), Tuple(to, a, Unchanged));
                break;
            default:
                expected[key] = (a, b);
                buffer.Add(destination, Tuple(key), Tuple(key, a, b));
                break;
        }
    }

    private const string Unchanged = "(unchanged)";

    private static byte[] Tuple(int key, params string?[] values)
    {
        using var writer = new TupleWriter();
        writer.Begin();
        CellText.Write(writer, key.ToString(CultureInfo.InvariantCulture));
        foreach (var value in values)
        {
            if (value == Unchanged) writer.Unchanged();
            else CellText.Write(writer, value);
        }

        return writer.Written.ToArray();
    }

    private PostgresTargetOptions Options(TableCreation tables = TableCreation.MustExist) => new() { Connection = _database.ConnectionString, Tables = tables };

    private TargetContext Context(IReadOnlyList<string> destinations) => new("target-test", _pipeline, destinations, NullLogger.Instance, TimeProvider.System);

    private Marker Marker(int rows)
    {
        _commit = _commit.Next();
        return new Marker(_pipeline, _incarnation, "postgres", _commit, rows, true, Frontier.Empty);
    }

    private Task DeliverAsync<TKey, TRow>(KeyedSink<TKey, TRow> sink, Action<OutputBuffer> format) => DeliverAsync(sink.Target, sink.Destinations, format);

    private async Task DeliverAsync(ITargetFactory factory, IReadOnlyList<string> destinations, Action<OutputBuffer> format)
    {
        await using var target = factory.Open(Context(destinations));
        await target.ClaimAsync(null, Stop);
        using var buffer = new OutputBuffer();
        format(buffer);
        await target.DeliverAsync(new BufferBatch(buffer, Marker(buffer.Rows)), Stop);
    }

    /// <summary>What a formatter wrote, as one transaction.</summary>
    private sealed class BufferBatch(OutputBuffer buffer, Marker marker) : IDeliveryBatch
    {
        private int _at;

        public Marker Marker => marker;

        public bool TryRead(out OutputRow row)
        {
            row = default;
            if (_at == buffer.Bytes.Length) return false;
            var rest = buffer.Bytes.Span[_at..];
            row = OutputBuffer.Read(ref rest, buffer.Destinations);
            _at = buffer.Bytes.Length - rest.Length;
            return true;
        }

        public void Stop()
        {
        }
    }
}
