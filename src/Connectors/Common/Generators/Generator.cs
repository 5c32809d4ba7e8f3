using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Makes up input, transaction by transaction.</summary>
/// <remarks>
/// The n-th transaction must be a pure function of the generator's own settings and n: so a position is a number, and a restart needs nothing else.
/// Records, compared by value; a setting that changes what is made up belongs into <see cref="Settings"/>.
/// </remarks>
public abstract record Generator
{
    /// <summary>What it makes up, in a word: "shop". Part of the durable name of its partition.</summary>
    public abstract string Name { get; }

    /// <summary>Everything that its transactions depend on, as text: "seed 1, 1000 customers". Kept in positions; a position of other settings is refused.</summary>
    public abstract string Settings { get; }

    /// <summary>An empty batch with a buffer for each table.</summary>
    /// <param name="rows">About how many rows it will take.</param>
    public abstract GeneratedBatch NewBatch(int rows);

    /// <summary>Appends what transaction <paramref name="number"/> does.</summary>
    /// <param name="number">Its number; the first is 1.</param>
    /// <param name="into">A batch that <see cref="NewBatch"/> made.</param>
    public abstract void Generate(long number, GeneratedBatch into);
}

/// <summary>The rows of some transactions, by table.</summary>
/// <param name="tables">The buffers, by the numbers of the tables.</param>
public sealed class GeneratedBatch(params IRowBuffer[] tables)
{
    /// <summary>The buffers.</summary>
    public IReadOnlyList<IRowBuffer> Tables => tables;

    /// <summary>How many rows there are in all tables.</summary>
    public int Rows
    {
        get
        {
            var rows = 0;
            foreach (var table in tables) rows += table.Count;
            return rows;
        }
    }

    /// <summary>The buffer of one table.</summary>
    /// <param name="table">Its number.</param>
    /// <typeparam name="TRow">The rows that it was made for.</typeparam>
    public RowBuffer<TRow> Table<TRow>(int table) => (RowBuffer<TRow>)tables[table];
}

/// <summary>How fast a generator goes, and how far. Neither changes what it makes up.</summary>
public sealed record GeneratorOptions
{
    /// <summary>Rows a second. Default: 0, as fast as it goes.</summary>
    public long Rate { get; init; }

    /// <summary>
    /// The source ends behind the transaction that completes so many rows, counted from the very first, over all starts. Default: never.
    /// </summary>
    public long? Rows { get; init; }
}
