using System.Runtime.CompilerServices;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes changes of a Postgres database as records in the form of Debezium's Postgres connector.</summary>
/// <remarks>
/// Topics are <c>prefix.schema.table</c>; keys are the primary key or else the first unique index; a change of the key is a delete and a create.
/// For each version of a table, recognised by its object, an encoder is compiled at its first row. One caller at a time.
/// </remarks>
public abstract class DebeziumFormatter : IStreamFormatter<ChangeEvent>
{
    private readonly TimeProvider _time;
    private readonly DebeziumOptions _counting;
    private readonly Serialization _serialization;
    private readonly ConditionalWeakTable<PgTable, Encoders> _encoders = [];
    private readonly EnumLabels _labels;
    private readonly HeaderEncoder _headers;
    private readonly TransactionCounter? _counter;
    private readonly SideEncoder _side;
    private ChangeEvent? _begin; // that wasn't written yet
    private PgTable? _lastTable;
    private Encoders? _lastEncoders;
    private long _batches;

    private protected DebeziumFormatter(DebeziumOptions options, TimeProvider time, Serialization serialization)
    {
        if (serialization.Wire == Wire.Avro) options = options with { Types = options.Types with { DecimalAsNumber = false } };
        (Options, _time, _serialization, _labels) = (options, time, serialization, new EnumLabels(options.Compatibility));
        _counting = options with { Lost = Count };
        _headers = new HeaderEncoder(options, Guid.CreateVersion7(time.GetUtcNow()));
        _counter = options.TransactionMetadata ? new TransactionCounter() : null;
        _side = new SideEncoder(options, serialization);
    }

    /// <summary>How events are written.</summary>
    public DebeziumOptions Options { get; }

    /// <summary>How many values the form couldn't carry so far (<see cref="DebeziumOptions.Lost"/>).</summary>
    public long LostValues { get; private set; }

    /// <summary>Whether records of a table have a key; without one Kafka can't keep the order of a row's changes.</summary>
    public bool HasKey(PgTable table) => Model(table, new EnumLabels(Options.Compatibility), Options, loaded: false).Key.Count > 0;

    /// <summary>The topic that the events of a table go to.</summary>
    public string Topic(PgTable table) => TopicNames.Of(table, Options);

    /// <summary>The columns of a table that are left out, since the form has nothing for their types.</summary>
    public IReadOnlyList<OmittedColumn> Omitted(PgTable table)
    {
        var factory = new FormFactory(Options, new EnumLabels(Options.Compatibility), loaded: false, _serialization.HasSchemas);
        return [.. table.Columns.Where(column => factory.Create(table, column) is null).Select(column => new OmittedColumn(column.Name, column.Type.Name))];
    }

    /// <inheritdoc/>
    public void Format(ReadOnlySpan<ChangeEvent> rows, OutputBuffer output)
    {
        if (rows.IsEmpty) return;
        var clock = BatchClock.At(_batches++, _time.GetUtcNow(), _serialization.Wire);
        foreach (ref readonly var change in rows)
        {
            if (change.Kind > ChangeKind.Truncate)
            {
                WriteSide(change, clock, output);
            }
            else
            {
                if (_begin is not null && change.Kind != ChangeKind.Load) WriteBegin(output);
                EncoderOf(change)?.Write(change, clock, output);
            }
        }
    }

    private void WriteSide(in ChangeEvent change, in BatchClock clock, OutputBuffer output)
    {
        switch (change.Kind)
        {
            case ChangeKind.Begin when _counter is not null:
                _counter.Enter(change.Transaction);
                _begin = change;
                break;
            case ChangeKind.Commit when _counter is not null:
                if (_begin is null) _side.WriteEnd(change, _counter, output);
                _begin = null;
                break;
            case ChangeKind.Message:
                if (_begin is not null && change.Transaction.Xid != 0) WriteBegin(output);
                if (_side.Wants(change)) _side.WriteMessage(change, _counter, clock, output);
                break;
            case ChangeKind.Heartbeat:
                _side.WriteHeartbeat(clock, output);
                break;
            default:
                break;
        }
    }

    /// <summary>The begin of a transaction is written with its first event, carried or not, so that transactions in which nothing happened leave no trace.</summary>
    private void WriteBegin(OutputBuffer output)
    {
        _side.WriteBegin(_begin!.Value, output);
        _begin = null;
    }

    /// <summary>The encoder for a change; null for a table that isn't carried.</summary>
    private TableEncoder? EncoderOf(in ChangeEvent change)
    {
        if (!ReferenceEquals(change.Table, _lastTable))
        {
            if (!_encoders.TryGetValue(change.Table, out _lastEncoders)) _encoders.Add(change.Table, _lastEncoders = new Encoders(Options.Columns.Has(change.Table)));
            _lastTable = change.Table;
        }

        if (!_lastEncoders!.IsCarried) return null;

        // Debezium reads some types another way when it loads rows, so the two are compiled apart.
        ref var encoder = ref change.Kind == ChangeKind.Load ? ref _lastEncoders.Loaded : ref _lastEncoders.Streamed;
        return encoder ??= new TableEncoder(Model(change.Table, _labels, _counting, loaded: change.Kind == ChangeKind.Load), _counting, _serialization, _headers, _counter);
    }

    private TableModel Model(PgTable table, EnumLabels labels, DebeziumOptions options, bool loaded) => TableModel.Of(table, options, labels, loaded, _serialization.HasSchemas);

    private void Count(LostValue value)
    {
        LostValues++;
        Options.Lost?.Invoke(value);
    }

    private sealed class Encoders(bool isCarried)
    {
        public readonly bool IsCarried = isCarried;
        public TableEncoder? Streamed;
        public TableEncoder? Loaded;
    }
}

/// <summary>Writes Debezium's records as JSON, as Kafka Connect's JsonConverter does.</summary>
/// <param name="options">How events are written.</param>
/// <param name="time">The clock for <c>ts_ms</c>, read once for a batch.</param>
public sealed class DebeziumJsonFormatter(DebeziumOptions options, TimeProvider time) : DebeziumFormatter(options, time, new JsonSerialization(options.Schemas));
