namespace Pathway.Connectors;

/// <summary>A table or stream that rows come from, described. The rooms above open it.</summary>
/// <remarks>Sources with equal <see cref="Origin"/> share one reader, so that a source transaction over several of them stays whole (invariant I5).</remarks>
public interface ISource
{
    /// <summary>What it is, for people and for the plan: "public.orders", "orders.jsonl". Unique within its origin.</summary>
    string Name { get; }

    /// <summary>Where it is read.</summary>
    ISourceOrigin Origin { get; }

    /// <summary>The type of the rows it hands over.</summary>
    Type RowType { get; }

    /// <summary>Whether it may say a whole keyed table again (<see cref="Core.UpsertKind.LoadBegin"/>). Default false.</summary>
    bool SaysAgain => false;
}

/// <summary>A source of rows of one type.</summary>
/// <typeparam name="TRow">What it hands over: events for a stream, <see cref="Core.Upsert{TKey, TRow}"/> for a keyed table.</typeparam>
public interface ISource<TRow> : ISource
{
    /// <inheritdoc/>
    Type ISource.RowType => typeof(TRow);
}

/// <summary>One place of reading with one position: a replication slot, a file, a generator. Compared by value.</summary>
public interface ISourceOrigin
{
    /// <summary>The durable name of its partition in the frontier, such as "postgres:shop_sync". Unique in a pipeline.</summary>
    string Partition { get; }

    /// <summary>What it is and where, for people; no secrets.</summary>
    string Description { get; }

    /// <summary>Whether a source called <paramref name="name"/> that joins those called <paramref name="before"/>, which were read already, is read from its own beginning then. Default false: nobody knows.</summary>
    bool BeginsAnew(string name, IReadOnlyCollection<string> before) => false;

    /// <summary>Makes the reader for those of its sources that a pipeline uses; input <c>i</c> of the slices is <c>sources[i]</c>.</summary>
    ISourceReader Open(IReadOnlyList<ISource> sources);
}
