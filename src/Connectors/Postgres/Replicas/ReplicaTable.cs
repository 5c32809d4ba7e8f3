using System.Buffers;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Writes the changes of one version of a source's table as rows for a target's.</summary>
internal sealed class ReplicaTable
{
    private readonly PgTable _table;
    private readonly int[] _columns, _keys; // places in the source's tuples
    private readonly HashSet<int> _isKey;
    private readonly string _destination;
    private readonly TupleReader _new, _old;
    private readonly TupleWriter _tuple = new();
    private ushort _number;

    /// <param name="table">The source's table.</param>
    /// <param name="schema">The target's schema.</param>
    /// <param name="name">The target's table.</param>
    public ReplicaTable(PgTable table, string schema, string name)
    {
        _table = table;
        _keys = TupleKey.Places(table);
        _isKey = [.. _keys];
        _columns = [.. Enumerable.Range(0, table.Columns.Count).Where(i => !table.Columns[i].IsGenerated)];
        (_new, _old) = (new TupleReader(table.Columns.Count), new TupleReader(table.Columns.Count));
        Target = Describe(table, schema, name);
        _destination = Target.ToDestination();
    }

    /// <summary>The table in the target.</summary>
    public TargetTable Target { get; }

    /// <summary>The target's table for a source's.</summary>
    public static TargetTable Describe(PgTable table, string schema, string name) => new(
        schema, name, [.. table.Columns.Where(c => !c.IsGenerated).Select(c => ReplicaColumns.Of(c, table.PrimaryKey.Contains(c.Name)))], table.PrimaryKey);

    /// <summary>Appends the rows for a change.</summary>
    public void Write(in ChangeEvent change, OutputBuffer output)
    {
        switch (change.Kind)
        {
            case ChangeKind.Truncate:
                Begin(output);
                output.EndRow();
                break;
            case ChangeKind.Delete:
                CheckKey();
                _old.Load(change.Old);
                WriteDelete(output);
                break;
            case ChangeKind.Update:
                CheckKey();
                WriteUpdate(change, output);
                break;
            default:
                _new.Load(change.New);
                CheckWhole();
                WritePut(_new, hasOld: false, oldIsWhole: false, output);
                break;
        }
    }

    private void WriteUpdate(in ChangeEvent change, OutputBuffer output)
    {
        _new.Load(change.New);
        var hasOld = !change.Old.IsAbsent;
        if (hasOld) _old.Load(change.Old);
        if (!hasOld || !KeyChanges())
        {
            WritePut(hasOld ? _old : _new, hasOld, change.OldIsWhole, output);
        }
        else if (change.OldIsWhole || !LeavesOut())
        {
            WriteDelete(output);
            WritePut(_new, hasOld, change.OldIsWhole, output);
        }
        else
        {
            // The row moves: what wasn't sent stands under the old key.
            WritePut(_old, hasOld, oldIsWhole: false, output);
        }
    }

    private void WriteDelete(OutputBuffer output)
    {
        Begin(output);
        WriteKey(_old, output);
        output.EndRow();
    }

    /// <param name="key">Where the key is taken from.</param>
    /// <param name="hasOld">Whether there is an old row, or a key of one.</param>
    /// <param name="oldIsWhole">Whether it has the values that weren't sent again.</param>
    /// <param name="output">Where it goes.</param>
    private void WritePut(TupleReader key, bool hasOld, bool oldIsWhole, OutputBuffer output)
    {
        Begin(output);
        if (_keys.Length > 0) WriteKey(key, output);
        _tuple.CutTo(0);
        _tuple.Begin();
        foreach (var column in _columns) Copy(_new.IsUnchanged(column) && hasOld && (oldIsWhole || _isKey.Contains(column)) ? _old : _new, column);
        output.BeginValue();
        output.Write(_tuple.Written.Span);
        output.EndRow();
    }

    private void WriteKey(TupleReader from, OutputBuffer output)
    {
        _tuple.CutTo(0);
        _tuple.Begin();
        foreach (var column in _keys)
        {
            // A large part of a key that didn't change stands in the old key alone.
            Copy(from.IsUnchanged(column) ? _old : from, column);
        }

        output.BeginKey();
        output.Write(_tuple.Written.Span);
    }

    private void Begin(OutputBuffer output)
    {
        if (_number >= output.Destinations.Count || !ReferenceEquals(output.Destinations[_number], _destination)) _number = output.Destination(_destination);
        output.BeginRow(_number);
    }

    private void Copy(TupleReader from, int column)
    {
        switch (from.KindOf(column))
        {
            case TupleData.ValueKind.Null: _tuple.Null(); break;
            case TupleData.ValueKind.Unchanged: _tuple.Unchanged(); break;
            default:
                var text = from.Text(column);
                text.CopyTo(_tuple.BeginText(text.Length));
                break;
        }
    }

    private bool KeyChanges()
    {
        foreach (var column in _keys)
            if (!_new.IsUnchanged(column) && !_new.Text(column).SequenceEqual(_old.Text(column))) return true;
        return false;
    }

    private bool LeavesOut()
    {
        foreach (var column in _columns)
            if (_new.IsUnchanged(column) && !_isKey.Contains(column)) return true;
        return false;
    }

    // As Debezium writes a change of the key: a delete, and a create that may lack what Postgres didn't send.
    private void CheckWhole()
    {
        if (LeavesOut())
        {
            throw new BadDataException(
                $"A new row of table {_table.FullName} comes without a large value that Postgres didn't send, since the key was changed, or the row came into what `where` lets through, in an update that left it as it was; it is nowhere. "
                + "Give the table in the source REPLICA IDENTITY FULL, so that updates carry such values.");
        }
    }

    private void CheckKey()
    {
        if (_keys.Length == 0)
        {
            throw new BadDataException(
                $"Table {_table.FullName} has no primary key, and a row of it was updated or deleted: nothing says which row of the target that is. Add a primary key on both sides, or leave the table out.");
        }

        if (_table.ReplicaIdentity == PgReplicaIdentity.Index)
        {
            throw new BadDataException(
                $"Table {_table.FullName} has REPLICA IDENTITY USING INDEX, so that old rows come with the columns of that index, and rows of the target are found by primary key. Use REPLICA IDENTITY DEFAULT or FULL.");
        }
    }
}
