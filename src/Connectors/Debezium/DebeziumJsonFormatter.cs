using System.Runtime.CompilerServices;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes changes of a Postgres database as JSON records in the form of Debezium's Postgres connector.</summary>
/// <remarks>
/// Topics are <c>prefix.schema.table</c>; keys are the primary key or else the first unique index; a change of the key is a delete and a create; truncates are skipped.
/// For each version of a table, recognised by its object, an encoder is compiled at its first row. One caller at a time.
/// </remarks>
public sealed class DebeziumJsonFormatter : IStreamFormatter<ChangeEvent>
{
    private readonly TimeProvider _time;
    private readonly DebeziumOptions _counting;
    private readonly ConditionalWeakTable<PgTable, Encoders> _encoders = [];
    private readonly EnumLabels _labels;
    private PgTable? _lastTable;
    private Encoders? _lastEncoders;
    private long _batches;

    /// <summary>Makes a formatter.</summary>
    /// <param name="options">How events are written.</param>
    /// <param name="time">The clock for <c>ts_ms</c>, read once for a call of <see cref="Format"/>.</param>
    public DebeziumJsonFormatter(DebeziumOptions options, TimeProvider time)
    {
        (Options, _time, _labels) = (options, time, new EnumLabels(options.Compatibility));
        _counting = options with { Lost = Count };
    }

    /// <summary>How events are written.</summary>
    public DebeziumOptions Options { get; }

    /// <summary>How many values the form couldn't carry so far (<see cref="DebeziumOptions.Lost"/>).</summary>
    public long LostValues { get; private set; }

    /// <summary>Whether records of a table have a key; without one Kafka can't keep the order of a row's changes.</summary>
    public bool HasKey(PgTable table) => TableModel.Of(table, Options, new EnumLabels(Options.Compatibility), loaded: false).Key.Count > 0;

    /// <inheritdoc/>
    public void Format(ReadOnlySpan<ChangeEvent> rows, OutputBuffer output)
    {
        if (rows.IsEmpty) return;
        var batch = BatchClock.At(_batches++, _time.GetUtcNow());
        foreach (ref readonly var change in rows) EncoderOf(change).Write(change, batch, output);
    }

    /// <summary>The topic that the events of a table go to.</summary>
    public string Topic(PgTable table) => TopicNames.Of(table, Options);

    /// <summary>The columns of a table that are left out, since the form has nothing for their types.</summary>
    public IReadOnlyList<OmittedColumn> Omitted(PgTable table)
    {
        var factory = new FormFactory(Options, new EnumLabels(Options.Compatibility), loaded: false);
        return [.. table.Columns.Where(column => factory.Create(table, column) is null).Select(column => new OmittedColumn(column.Name, column.Type.Name))];
    }

    private TableEncoder EncoderOf(in ChangeEvent change)
    {
        if (!ReferenceEquals(change.Table, _lastTable))
        {
            _lastTable = change.Table;
            _lastEncoders = _encoders.GetOrAdd(change.Table, static _ => new Encoders());
        }

        // Debezium reads some types another way when it loads rows, so the two are compiled apart.
        ref var encoder = ref change.Kind == ChangeKind.Load ? ref _lastEncoders!.Loaded : ref _lastEncoders!.Streamed;
        return encoder ??= new TableEncoder(TableModel.Of(change.Table, _counting, _labels, loaded: change.Kind == ChangeKind.Load), _counting);
    }

    private void Count(LostValue value)
    {
        LostValues++;
        Options.Lost?.Invoke(value);
    }

    private sealed class Encoders
    {
        public TableEncoder? Streamed;
        public TableEncoder? Loaded;
    }
}
