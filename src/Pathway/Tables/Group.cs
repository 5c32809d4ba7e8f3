using Pathway.Core;

namespace Pathway;

/// <summary>A group inside of the expression that gives its row: its key, and the reducers over its rows.</summary>
/// <remarks>It only ever stands in an expression, where the reducers are found and become accumulators; nothing here is called.</remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TRow">The rows of the group.</typeparam>
public sealed class Group<TKey, TRow>
{
    private Group()
    {
    }

    /// <summary>The key of the group.</summary>
    public TKey Key => throw Called(nameof(Key));

    /// <summary>How many rows it has.</summary>
    public long Count() => throw Called(nameof(Count));

    /// <summary>The sum of whole numbers; an overflow stops the pipeline.</summary>
    /// <remarks>Floating-point numbers have no Sum yet: it would depend on the order of changes.</remarks>
    public int Sum(Func<TRow, int> value) => throw Called(nameof(Sum));

    /// <inheritdoc cref="Sum(Func{TRow, int})"/>
    public long Sum(Func<TRow, long> value) => throw Called(nameof(Sum));

    /// <summary>The sum of decimals, without trailing zeros.</summary>
    public decimal Sum(Func<TRow, decimal> value) => throw Called(nameof(Sum));

    private static InvariantException Called(string member) => new($"Group.{member} stands for a reducer and can't be called.");
}
