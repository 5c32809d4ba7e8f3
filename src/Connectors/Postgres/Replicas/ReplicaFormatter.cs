using System.Runtime.CompilerServices;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Writes the changes of a Postgres database as rows of its tables in another: values in the text of their types, changes of keys as moves, unchanged large values left as they are.</summary>
/// <remarks>For each version of a table, recognised by its object, the plan is made at its first row. One caller at a time.</remarks>
internal sealed class ReplicaFormatter(ReplicaOptions options) : IStreamFormatter<ChangeEvent>
{
    private readonly ConditionalWeakTable<PgTable, ReplicaTable> _tables = [];
    private PgTable? _last;
    private ReplicaTable? _lastReplica;

    /// <inheritdoc/>
    public void Format(ReadOnlySpan<ChangeEvent> rows, OutputBuffer output)
    {
        foreach (ref readonly var change in rows)
        {
            if (change.Kind > ChangeKind.Truncate) continue; // begins, ends, messages: nothing of a table
            if (!ReferenceEquals(change.Table, _last)) Meet(change.Table);
            _lastReplica!.Write(change, output);
        }
    }

    private void Meet(PgTable table)
    {
        if (!_tables.TryGetValue(table, out _lastReplica))
        {
            var (schema, name) = options.Place(table);
            _tables.Add(table, _lastReplica = new ReplicaTable(table, schema, name));
        }

        _last = table;
    }
}
