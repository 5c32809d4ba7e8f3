namespace Pathway.Core;

/// <summary>The number of a commit of one pipeline. The first is 1; 0 is before all commits. Numbers have no gaps.</summary>
/// <param name="Value">The number.</param>
public readonly record struct CommitNumber(ulong Value) : IComparable<CommitNumber>
{
    /// <summary>Before all commits.</summary>
    public static CommitNumber None => default;

    /// <summary>The commit after this one.</summary>
    public CommitNumber Next() => new(checked(Value + 1));

    /// <inheritdoc/>
    public int CompareTo(CommitNumber other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(CommitNumber left, CommitNumber right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(CommitNumber left, CommitNumber right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> is not after <paramref name="right"/>.</summary>
    public static bool operator <=(CommitNumber left, CommitNumber right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> is not before <paramref name="right"/>.</summary>
    public static bool operator >=(CommitNumber left, CommitNumber right) => left.Value >= right.Value;
}
