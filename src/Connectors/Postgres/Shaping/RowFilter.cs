namespace Pathway.Connectors.Postgres;

/// <summary>A condition on the values of a row: comparisons of columns with constants, joined by <c>and</c>. As in SQL, a comparison with NULL doesn't hold.</summary>
/// <remarks>
/// <c>column = 'text'</c>, <c>column &lt;&gt; 'text'</c>, numbers also with <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>; <c>column = true</c>; <c>column in ('a', 'b')</c>; <c>column is null</c>, <c>column is not null</c>. Names with other characters
/// than lower-case letters, digits and <c>_</c> stand in double quotes. Text isn't ordered, since that would depend on the database's collation.
/// </remarks>
public sealed class RowFilter
{
    private readonly string _text;

    internal RowFilter(string text, IReadOnlyList<RowCondition> conditions) => (_text, Conditions) = (text, conditions);

    /// <summary>The columns that are compared.</summary>
    public IEnumerable<string> Columns => Conditions.Select(c => c.Column).Distinct();

    internal IReadOnlyList<RowCondition> Conditions { get; }

    /// <summary>Reads a condition.</summary>
    /// <exception cref="FormatException">It isn't one; the message says what was expected where.</exception>
    public static RowFilter Parse(string text) => new RowFilterParser(text).Parse();

    /// <summary>The condition as it was written.</summary>
    public override string ToString() => _text;
}
