using System.Runtime.CompilerServices;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Writes changes of a Postgres database as plain rows: the key, and the row as it is now, in the JSON of Postgres' row_to_json; of a row that is gone the key alone.</summary>
/// <remarks>Topics and keys are those of Debezium's form. For each version of a table, recognised by its object, an encoder is made at its first row. One caller at a time.</remarks>
/// <param name="prefix">First part of the topics' names.</param>
/// <param name="truncated">Told the table, "schema.name", when one was emptied by TRUNCATE, which says nothing of single rows: they stay in the topic.</param>
public sealed class PlainJsonFormatter(string prefix, Action<string>? truncated = null) : IStreamFormatter<ChangeEvent>
{
    private readonly ConditionalWeakTable<PgTable, PlainTable> _tables = [];
    private PgTable? _last;
    private PlainTable? _lastPlain;

    /// <inheritdoc/>
    public void Format(ReadOnlySpan<ChangeEvent> rows, OutputBuffer output)
    {
        foreach (ref readonly var change in rows)
        {
            if (change.Kind > ChangeKind.Truncate) continue; // begins, ends, messages: nothing of a table
            if (change.Kind == ChangeKind.Truncate)
            {
                truncated?.Invoke(change.Table.FullName);
                continue;
            }

            if (!ReferenceEquals(change.Table, _last)) Meet(change.Table);
            _lastPlain!.Write(change, output);
        }
    }

    private void Meet(PgTable table)
    {
        if (!_tables.TryGetValue(table, out _lastPlain)) _tables.Add(table, _lastPlain = new PlainTable(table, prefix));
        _last = table;
    }
}
