using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>A PostgreSQL database as a source, by logical replication, and as a target: resumable, and exact across restarts.</summary>
public static class Postgres
{
    /// <summary>The rows of a table by primary key.</summary>
    /// <param name="table">"schema.name".</param>
    /// <param name="options">The database.</param>
    /// <typeparam name="TKey">The primary key: the type of its column, or a tuple or record of several.</typeparam>
    /// <typeparam name="TRow">The row: members are matched to columns by name, PascalCase to snake_case.</typeparam>
    public static ISource<Upsert<TKey, TRow>> Table<TKey, TRow>(string table, PostgresOptions options)
        where TKey : notnull => new PostgresTable<TKey, TRow>(table, new PostgresOrigin(options));

    /// <summary>The change events of tables, in the order of commits: what a sync forwards.</summary>
    /// <param name="tables">"schema.name"; <c>*</c> stands for any characters of a name.</param>
    /// <param name="options">The database.</param>
    /// <param name="also">What is wanted beside changes of rows. Default: nothing.</param>
    public static ISource<ChangeEvent> Changes(IReadOnlyList<string> tables, PostgresOptions options, StreamKinds also = StreamKinds.None) => new PostgresChanges(tables, new PostgresOrigin(options), also);

    /// <summary>A keyed table as the rows of a database table, put and deleted by key, exactly once.</summary>
    /// <param name="table">"schema.name".</param>
    /// <param name="target">The database.</param>
    /// <param name="key">The columns of the key in its order. Default: the key's members, as <c>snake_case</c>; <c>key</c> for a single value. A column that the row has as well stands once.</param>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <typeparam name="TRow">The row; its members are the columns, PascalCase as <c>snake_case</c>.</typeparam>
    /// <exception cref="ConfigurationException">The table's name, the key's columns or an option is wrong.</exception>
    public static KeyedSink<TKey, TRow> Keyed<TKey, TRow>(string table, PostgresTargetOptions target, IReadOnlyList<string>? key = null)
        where TKey : notnull
    {
        var formatter = new PostgresKeyedFormatter<TKey, TRow>(table, key ?? []);
        return new(Target(target), formatter, $"table {table}") { Destinations = [formatter.Destination] };
    }

    /// <summary>The changes of a table without key as rows that are added to a database table, with <c>time</c> (the epoch) and <c>diff</c> (how often the row came or went), exactly once.</summary>
    /// <param name="table">"schema.name".</param>
    /// <param name="target">The database.</param>
    /// <typeparam name="TRow">The row; its members are the columns, PascalCase as <c>snake_case</c>.</typeparam>
    /// <exception cref="ConfigurationException">The table's name or an option is wrong, or the row has a member <c>Time</c> or <c>Diff</c>.</exception>
    public static ChangeSink<TRow> Changes<TRow>(string table, PostgresTargetOptions target)
    {
        var formatter = new PostgresRowFormatter<TRow>(table, withChange: true);
        return new(Target(target), formatter, $"table {table}") { Destinations = [formatter.Destination] };
    }

    /// <summary>The rows of a stream, added to a database table in their order, exactly once.</summary>
    /// <param name="table">"schema.name".</param>
    /// <param name="target">The database.</param>
    /// <typeparam name="TRow">The row; its members are the columns, PascalCase as <c>snake_case</c>.</typeparam>
    /// <exception cref="ConfigurationException">The table's name or an option is wrong.</exception>
    public static StreamSink<TRow> Stream<TRow>(string table, PostgresTargetOptions target)
    {
        var formatter = new PostgresRowFormatter<TRow>(table, withChange: false);
        return new(Target(target), formatter, $"table {table}") { Destinations = [formatter.Destination] };
    }

    /// <summary>The changes of a Postgres database as rows of its tables in another: the same rows under the same keys, exactly once.</summary>
    /// <param name="target">The database that is written.</param>
    /// <param name="description">For people and for the plan: "the tables public.* of shop".</param>
    /// <param name="options">What the tables are called there.</param>
    /// <param name="destinations">The tables that are known beforehand (<see cref="ReplicaCheck.DescribeAsync"/>): made or checked at start. Others are at their first row.</param>
    /// <exception cref="ConfigurationException">An option is wrong.</exception>
    public static StreamSink<ChangeEvent> Replica(PostgresTargetOptions target, string description, ReplicaOptions? options = null, IReadOnlyList<string>? destinations = null) =>
        new(Target(target), new ReplicaFormatter(options ?? new ReplicaOptions()), description) { Destinations = destinations ?? [] };

    /// <summary>The database as a target.</summary>
    /// <exception cref="ConfigurationException">An option is wrong.</exception>
    public static ITargetFactory Target(PostgresTargetOptions options)
    {
        options.Check();
        return new PostgresTargetFactory(options);
    }
}

/// <summary>What a stream of change events may have beside changes of rows (<see cref="StreamEvents"/>).</summary>
[Flags]
public enum StreamKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Begins and ends of transactions.</summary>
    Transactions = 1,

    /// <summary>Logical messages.</summary>
    Messages = 2,

    /// <summary>Heartbeats, every <see cref="PostgresOptions.HeartbeatEvery"/>.</summary>
    Heartbeats = 4,

    /// <summary>Begins and ends of loads of tables that are loaded again: for <see cref="RowMemory"/>, which takes them out again.</summary>
    Loads = 8,
}

/// <summary>A source that a Postgres reader feeds.</summary>
internal interface IPostgresSource : ISource
{
    /// <summary>The tables that it wants: "schema.name", with <c>*</c>.</summary>
    IReadOnlyList<string> Patterns { get; }

    /// <summary>Whether it needs a primary key.</summary>
    bool IsKeyed { get; }

    /// <summary>Makes what takes its rows.</summary>
    ITableInput Open();

    /// <summary>What of a table its row type can't hold, as a sentence; null if it can hold all it needs.</summary>
    string? FindMisfit(PgTable table) => null;
}

/// <summary>Takes the changes of one source's tables, in order, for the slice in the making.</summary>
internal interface ITableInput
{
    /// <summary>Takes a change; those of other tables are left alone.</summary>
    /// <param name="change">The change.</param>
    /// <param name="isLoading">Whether it may concern a row that the initial load hasn't brought yet.</param>
    void Add(in ChangeEvent change, bool isLoading);

    /// <summary>What it wants beside changes of rows.</summary>
    StreamKinds Also => StreamKinds.None;

    /// <summary>Takes what was added.</summary>
    IRowBuffer? Take();
}

/// <inheritdoc cref="Postgres.Changes"/>
internal sealed record PostgresChanges(IReadOnlyList<string> Patterns, PostgresOrigin Place, StreamKinds Also) : ISource<ChangeEvent>, IPostgresSource
{
    public string Name => string.Join(", ", Patterns);

    public ISourceOrigin Origin => Place;

    public bool IsKeyed => false;

    public ITableInput Open() => new ChangesInput(Patterns, Also);

    private sealed class ChangesInput(IReadOnlyList<string> patterns, StreamKinds also) : ITableInput
    {
        private readonly Dictionary<PgTable, bool> _wanted = [];
        private RowBuffer<ChangeEvent>? _rows;

        public StreamKinds Also => also;

        public void Add(in ChangeEvent change, bool isLoading)
        {
            if (change.Kind > ChangeKind.Truncate)
            {
                if ((also & StreamEvents.KindOf(change.Kind)) != 0) (_rows ??= new RowBuffer<ChangeEvent>(64)).Add(change);
                return;
            }

            if (!_wanted.TryGetValue(change.Table, out var wanted)) _wanted[change.Table] = wanted = TablePattern.Matches(patterns, change.Table.FullName);
            if (wanted) (_rows ??= new RowBuffer<ChangeEvent>(64)).Add(change);
        }

        public IRowBuffer? Take()
        {
            var rows = _rows;
            _rows = null;
            return rows;
        }
    }
}

/// <summary>The database that sources read: one slot, one position.</summary>
internal sealed record PostgresOrigin(PostgresOptions Options) : ISourceOrigin
{
    public string Partition => $"postgres:{Options.SlotName}";

    public string Description => $"PostgreSQL {Options.Place}, slot {Options.SlotName}, publication {Options.PublicationName}";

    // A table that nobody asked for before is loaded when it is first asked for. Of names with patterns, or of several tables, nobody knows here which ones they were.
    public bool BeginsAnew(string name, IReadOnlyCollection<string> before) => Options.InitialLoad && before.Append(name).All(n => !n.Contains('*') && !n.Contains(',')) && !before.Contains(name);

    public ISourceReader Open(IReadOnlyList<ISource> sources) => new PostgresReader(Options, [.. sources.Cast<IPostgresSource>()]);
}
