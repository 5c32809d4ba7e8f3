using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>What a node's factory works with: the operators made so far, and the state under the node's own id.</summary>
/// <remarks>
/// With one worker every batch is simply that of the input. With several, an operator says by which key it needs its rows (<see cref="BatchBy"/>, <see cref="BatchByKey"/>), or that it needs all of them
/// (<see cref="BatchOnOne"/>); where they don't stand so already, an exchange is put between.
/// </remarks>
public sealed class OperatorContext
{
    private readonly IReadOnlyDictionary<Node, Operator> _operators;
    private readonly Func<string, OperatorId> _id;
    private readonly ExchangeHub _exchanges;
    private readonly Node _node;

    internal OperatorContext(Node node, IReadOnlyDictionary<Node, Operator> operators, StateStores states, ExchangeHub exchanges, int worker, RowErrors errors, Func<string, OperatorId> id) =>
        (_node, _operators, _exchanges, Worker, Errors, States, StatesOnOne, _id) = (node, operators, exchanges, worker, errors, states[worker], worker == 0 ? states.Whole : exchanges.NowhereOf(worker), id);

    /// <summary>The number of this worker.</summary>
    public int Worker { get; }

    /// <summary>How many workers there are.</summary>
    public int Workers => _exchanges.Workers;

    /// <summary>The errors of all steps of this worker.</summary>
    public RowErrors Errors { get; }

    /// <summary>The state of this worker: of the keys that it owns.</summary>
    public StateStore States { get; }

    /// <summary>The state of an operator that reads all its rows on the first worker (<see cref="BatchOnOne"/>): of all keys there, of none on the others.</summary>
    public StateStore StatesOnOne { get; }

    /// <summary>The operators that give away and take, made for the node at hand.</summary>
    internal List<Operator> Scatters { get; } = [];

    /// <inheritdoc cref="Scatters"/>
    internal List<Operator> Gathers { get; } = [];

    /// <summary>The exchanges that they belong to.</summary>
    internal List<Exchange> Exchanges { get; } = [];

    /// <summary>The durable number of the node's state <paramref name="name"/>.</summary>
    public OperatorId IdOf(string name = "") => _id(name);

    /// <summary>The operator of <paramref name="node"/> on this worker, which stands before the one that is made.</summary>
    public Operator OperatorOf(Node node) => _operators[node];

    /// <summary>The batch that <paramref name="input"/> gives on this worker: for operators that look at each row by itself.</summary>
    public Batch<TRow> BatchOf<TRow>(Node<TRow> input) => ((Operator<TRow>)_operators[input]).Output;

    /// <summary>The rows of <paramref name="input"/> whose <paramref name="key"/> this worker owns.</summary>
    public Batch<TRow> BatchBy<TRow, TKey>(Node<TRow> input, Func<TRow, TKey> key) => Exchanged(input, () => new KeyPartitioner<TRow, TKey>(key));

    /// <summary>The rows of <paramref name="input"/> that this worker owns the keys of.</summary>
    public Batch<Keyed<TKey, TRow>> BatchByKey<TKey, TRow>(Node<Keyed<TKey, TRow>> input)
        where TKey : notnull => input.StandsByKey ? BatchOf(input) : Exchanged(input, static () => new KeyPartitioner<Keyed<TKey, TRow>, TKey>(static keyed => keyed.Key));

    /// <summary>Rows of <paramref name="input"/>, equal ones on one worker: for operators that keep nothing between steps.</summary>
    public Batch<TRow> BatchByRow<TRow>(Node<TRow> input) => Exchanged(input, static () => new RowPartitioner<TRow>());

    /// <summary>All rows of <paramref name="input"/> on the first worker, none on the others.</summary>
    public Batch<TRow> BatchOnOne<TRow>(Node<TRow> input) => input.KeepsOrder ? BatchOf(input) : Exchanged(input, static () => new OnePartitioner<TRow>());

    /// <summary>What <paramref name="input"/> says about the keys that this worker owns becomes deltas.</summary>
    public Operator<Keyed<TKey, TRow>> ApplyUpserts<TKey, TRow>(Node<Upsert<TKey, TRow>> input, string name, bool saysAgain)
        where TKey : notnull
    {
        var (state, unsaid) = (States.Keyed<TKey, TRow>(IdOf()), saysAgain ? States.Keyed<TKey, bool>(IdOf("unsaid")) : null);
        var batch = BatchOf(input);
        if (Workers == 1) return new ApplyUpserts<TKey, TRow>(batch, state, unsaid, name);
        var exchange = _exchanges.Of(_node, Exchanges.Count, static workers => new UpsertExchange<TKey, TRow>(workers));
        exchange.Reads(Worker, batch);
        var applying = new ApplyUpserts<TKey, TRow>(Between(exchange, batch, new UpsertPartitioner<TKey, TRow>()), state, unsaid, name);
        exchange.TakesIn(Worker, applying);
        return applying;
    }

    private Batch<TRow> Exchanged<TRow>(Node<TRow> input, Func<Partitioner<TRow>> partitioner)
    {
        var batch = BatchOf(input);
        return Workers == 1 ? batch : Between(_exchanges.Of(_node, Exchanges.Count, static workers => new Exchange<TRow>(workers)), batch, partitioner());
    }

    private Batch<TRow> Between<TRow>(Exchange<TRow> exchange, Batch<TRow> batch, Partitioner<TRow> partitioner)
    {
        Exchanges.Add(exchange);
        Scatters.Add(exchange.Scatter(Worker, batch, partitioner));
        var gather = exchange.Gather(Worker);
        Gathers.Add(gather);
        return gather.Output;
    }
}
