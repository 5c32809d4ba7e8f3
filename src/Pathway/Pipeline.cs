using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Checkpointing;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Engine;
using Pathway.Execution;
using Pathway.Planning;
using Pathway.Running;
using Pathway.Storage;

namespace Pathway;

/// <summary>A computation over changing tables, from sources to sinks: described first, then run.</summary>
/// <example><code>
/// var pipeline = Pipeline.Create("shop");
/// var orders = pipeline.Table(Postgres.Table&lt;int, Order&gt;("public.orders", shop));
/// orders.Where(o =&gt; o.Amount &gt; 100).To(Kafka.Keyed&lt;int, Order&gt;("large-orders", kafka));
/// await pipeline.RunAsync(stop);
/// </code></example>
public sealed class Pipeline
{
    private readonly Dictionary<ISource, Node> _inputs = [];
    private readonly List<SinkNode> _sinks = [];
    private readonly Dictionary<ITargetFactory, EngineOutput> _outputs = [];

    private readonly SnapshotRequests _snapshots = new();
    private Table<RowError>? _errors;

    private Pipeline(string name, PipelineOptions options) => (Name, Options) = (name, options);

    /// <summary>Its name: state, transactional ids and markers carry it.</summary>
    public string Name { get; }

    /// <summary>How it runs.</summary>
    public PipelineOptions Options { get; }

    /// <summary>How it is doing, while it runs.</summary>
    public PipelineStatus Status { get; } = new();

    /// <summary>The rows that steps couldn't take in, since a function of yours threw on them: a table like any other, to be looked at or sent to a sink. A row that goes takes its error with it.</summary>
    /// <remarks>
    /// Empty unless <see cref="PipelineOptions.OnError"/> is <see cref="ErrorPolicy.Continue"/>. <see cref="Attempt"/> and <c>.Try(…)</c> keep an error inside of its row. A function that throws in a step over this
    /// table stops the pipeline.
    /// </remarks>
    public Table<RowError> Errors => _errors ??= new(this, new Node<RowError>("Errors", RowSchema.Of(typeof(RowError)).ToString(), "", [], [], c => new ErrorRows(c.Errors)) { Name = "pipeline errors", GivesErrors = true });

    /// <summary>A new pipeline.</summary>
    /// <param name="name">Letters, digits, <c>-</c>, <c>_</c> and <c>.</c>; part of its durable identity.</param>
    /// <param name="options">Changes the default options.</param>
    public static Pipeline Create(string name, Func<PipelineOptions, PipelineOptions>? options = null)
    {
        if (name.Length is 0 or > 200 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            throw new ConfigurationException($"'{name}' can't be a pipeline's name: letters, digits, '-', '_' and '.' can, at most 200 of them.");
        var chosen = options is null ? new PipelineOptions() : options(new PipelineOptions());
        if (chosen.Workers is < 1 or > ShardRange.Count) throw new ConfigurationException($"Workers is {chosen.Workers}; 1 to {ShardRange.Count} are possible, and more than the machine has processors help nothing.");
        return new Pipeline(name, chosen);
    }

    /// <summary>The rows under the keys of a source, as they change.</summary>
    public Table<TKey, TRow> Table<TKey, TRow>(ISource<Upsert<TKey, TRow>> source)
        where TKey : notnull
    {
        var types = $"{RowSchema.Of(typeof(TKey))} → {RowSchema.Of(typeof(TRow))}";
        var input = Input(source, types);
        var saysAgain = ((ISource)source).SaysAgain;
        var node = new Node<Keyed<TKey, TRow>>("Upsert", types, "", saysAgain ? ["", "unsaid"] : [""], [input],
            context => context.ApplyUpserts(input, source.Name, saysAgain)) { StandsByKey = true, TellsContents = true, Converts = before => RowConversion.Between(before.Split(" → ")[^1], typeof(TRow)) };
        return new Table<TKey, TRow>(this, node);
    }

    /// <summary>The rows of a source that come and go: each delta says how often a row comes (positive) or goes (negative).</summary>
    public Table<TRow> Table<TRow>(ISource<Delta<TRow>> source)
    {
        var types = RowSchema.Of(typeof(TRow)).ToString();
        var input = Input(source, types);
        return new Table<TRow>(this, new Node<TRow>("Unfold", types, "", [], [input], c => new Unfold<TRow>(c.BatchOf(input))));
    }

    /// <summary>The rows of a source that only ever come.</summary>
    public Table<TRow> Table<TRow>(ISource<TRow> source) => new(this, Input(source, RowSchema.Of(typeof(TRow)).ToString()));

    /// <summary>The events of a source, in the order of their partition.</summary>
    public Stream<TRow> Stream<TRow>(ISource<TRow> source) => new(this, Input(source, typeof(TRow).Name));

    /// <summary>Runs until <paramref name="stop"/>, or until all sources have ended (files) and everything is delivered.</summary>
    /// <exception cref="RefusalException">Going on would be a guess.</exception>
    /// <exception cref="ConfigurationException">The pipeline or its options are wrong.</exception>
    public Task RunAsync(ILogger? logger = null, TimeProvider? time = null, CancellationToken stop = default) =>
        new PipelineRunner(Name, Plan(), Options, Status, _snapshots, logger ?? NullLogger.Instance, time ?? TimeProvider.System).RunAsync(stop);

    /// <summary>Makes a snapshot of the pipeline while it runs; it goes on meanwhile.</summary>
    /// <exception cref="ConfigurationException">It doesn't run.</exception>
    /// <exception cref="ConnectorException">The snapshot can't be stored.</exception>
    /// <exception cref="RefusalException">The store holds snapshots of another pipeline under this name, or is being changed by somebody else.</exception>
    public Task<SnapshotManifest> SnapshotAsync(IObjectStore store, CancellationToken stop = default) => _snapshots.MakeAsync(Name, store, stop);

    /// <summary>What a start would make of the state that is there: which steps keep theirs, which are made anew and from what, what targets get, what is refused and why. Nothing is opened outside, nothing changed.</summary>
    /// <exception cref="RefusalException">The state directory is of another pipeline, or can't be read.</exception>
    public PlanDiff PlanDiff()
    {
        var plan = Plan();
        using var look = StateLook.At(Options.StateDirectory);
        if (look is null) return new PlanDiff(true, true, $"nothing was written to '{Options.StateDirectory}' yet: everything begins with its source");
        if (look.Manifest.Name != Name) throw new RefusalException($"'{Options.StateDirectory}' is the state of another pipeline", $"pipeline '{look.Manifest.Name}'", $"'{Name}'", "Name the state directory of this one.");
        if (look.Manifest.Plan.IsSameAs(plan.Description)) return new PlanDiff(true, true, "the plan is the one that wrote the state");
        var change = PlanChange.Between(look.Manifest.Plan, look.Manifest.Left, plan);
        return new PlanDiff(false, change.IsPossible, change.Describe(path => look.BytesOf(path) is { } bytes ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $" ({bytes / 1048576.0:0.#} MB)") : ""));
    }

    /// <summary>Runs what <paramref name="table"/> needs, and nothing else, over everything that the sources have.</summary>
    internal async Task RunBatchAsync<TRow>(Table<TRow> table, ChangeSink<TRow> sink, CancellationToken stop)
    {
        var output = new EngineOutput(sink.Target);
        output.Add(sink.Description, sink.Destinations);
        var node = new SinkNode(SinkForm.Changes, RowSchema.Of(typeof(TRow)).ToString(), sink.Description, [table.Node], c => SinkOperators.Changes(c, table.Node, sink.Formatter, output));
        var folder = Path.Combine(Path.GetTempPath(), $"pathway-batch-{Guid.NewGuid():N}");
        try
        {
            await new PipelineRunner(Name, new Plan([node], _inputs, [output]), Options with { StateDirectory = folder }, new PipelineStatus(), new SnapshotRequests(), NullLogger.Instance, TimeProvider.System).RunAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The plan, as far as it was described.</summary>
    internal Plan Plan()
    {
        if (_sinks.Count == 0) throw new ConfigurationException($"Pipeline '{Name}' has no sink: end a table or stream with .To(…).");
        return new Plan(_sinks, _inputs, [.. _outputs.Values]);
    }

    /// <summary>The output that goes to <paramref name="factory"/>.</summary>
    internal EngineOutput OutputTo(ITargetFactory factory, string description, IReadOnlyList<string> destinations)
    {
        ref var output = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_outputs, factory, out _);
        output ??= new EngineOutput(factory);
        output.Add(description, destinations);
        return output;
    }

    /// <summary>Adds the end of a path.</summary>
    internal void Add(SinkNode sink) => _sinks.Add(sink);

    private Node<TRow> Input<TRow>(ISource<TRow> source, string types)
    {
        if (_inputs.TryGetValue(source, out var known)) return (Node<TRow>)known;
        var node = new Node<TRow>("Source", types, $"{source.Origin.Partition} {source.Name}", [], [], _ => new Input<TRow>()) { Name = source.Name, OnlyGrows = true };
        _inputs.Add(source, node);
        return node;
    }
}
