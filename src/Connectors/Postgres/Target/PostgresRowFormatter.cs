using System.Buffers;
using System.Linq.Expressions;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Rows that are added to a table, with or without time and diff.</summary>
internal sealed class PostgresRowFormatter<TRow> : IChangeFormatter<TRow>, IStreamFormatter<TRow>
{
    private static readonly TargetColumn[] Change = [new("time", "int8", IsNotNull: true), new("diff", "int8", IsNotNull: true)];
    private readonly Action<TupleWriter, TRow> _value;
    private readonly TupleWriter _tuple = new();

    /// <param name="table">"schema.name".</param>
    /// <param name="withChange">Whether <c>time</c> and <c>diff</c> are written.</param>
    /// <exception cref="ConfigurationException">The row has a member of one of those names.</exception>
    public PostgresRowFormatter(string table, bool withChange)
    {
        var row = RowMember.Of(typeof(TRow), "value");
        if (withChange && row.FirstOrDefault(m => Change.Any(c => c.Name == m.Column.Name)) is { } taken)
            throw new ConfigurationException($"The row type {typeof(TRow).Name} has a member that stands as column '{taken.Column.Name}', where the change's own '{taken.Column.Name}' goes. Select it under another name before the sink.");
        var (writer, value) = (Expression.Parameter(typeof(TupleWriter)), Expression.Parameter(typeof(TRow)));
        _value = Expression.Lambda<Action<TupleWriter, TRow>>(Expression.Block(row.Select(m => m.Write(writer, value))), writer, value).Compile();
        var (schema, name) = TargetTable.Split(table);
        Destination = new TargetTable(schema, name, [.. row.Select(m => m.Column), .. withChange ? Change : []], []).ToDestination();
    }

    /// <summary>The name of the destination.</summary>
    public string Destination { get; }

    /// <inheritdoc/>
    public void Format(in TRow row, long weight, Epoch time, OutputBuffer output)
    {
        Begin(row);
        CellText.Write(_tuple, checked((long)time.Value));
        CellText.Write(_tuple, weight);
        End(output);
    }

    /// <inheritdoc/>
    public void Format(ReadOnlySpan<TRow> rows, OutputBuffer output)
    {
        foreach (ref readonly var row in rows)
        {
            Begin(row);
            End(output);
        }
    }

    private void Begin(in TRow row)
    {
        _tuple.CutTo(0);
        _tuple.Begin();
        _value(_tuple, row);
    }

    private void End(OutputBuffer output)
    {
        output.BeginRow(output.Destination(Destination));
        output.BeginValue();
        output.Write(_tuple.Written.Span);
        output.EndRow();
    }
}
