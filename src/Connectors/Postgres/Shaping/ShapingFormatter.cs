using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Gives another formatter the change events as rules make them: fewer columns, other names, hidden values, and only the rows of a condition.</summary>
/// <remarks>
/// A row that comes to meet its condition is an insert, one that no longer does a delete. Where rows are remembered, one that isn't yet doesn't count as meeting it: the load will bring it.
/// Tables without rules pass as they are. One caller at a time.
/// </remarks>
internal sealed class ShapingFormatter(IStreamFormatter<ChangeEvent> inner, IReadOnlyList<TableRules> rules) : IStreamFormatter<ChangeEvent>
{
    private readonly ConditionalWeakTable<PgTable, Box> _shapes = [];
    private readonly List<ChangeEvent> _events = [];
    private readonly List<(int Event, int Old, int OldLength, int New, int NewLength)> _parts = [];
    private readonly TupleWriter _tuples = new();
    private PgTable? _last;
    private TableShape? _lastShape;

    /// <inheritdoc/>
    public void Format(ReadOnlySpan<ChangeEvent> rows, OutputBuffer output)
    {
        _events.Clear();
        _parts.Clear();
        _tuples.CutTo(0);
        foreach (ref readonly var change in rows)
        {
            if (change.Kind > ChangeKind.Truncate) _events.Add(change);
            else if (ShapeOf(change.Table) is { } shape) Add(change, shape);
            else _events.Add(change);
        }

        // The tuples stand still only now.
        foreach (var (at, old, oldLength, @new, newLength) in _parts)
            _events[at] = With(_events[at], _events[at].Kind, new TupleData(_tuples.Written.Slice(old, oldLength)), new TupleData(_tuples.Written.Slice(@new, newLength)));
        inner.Format(CollectionsMarshal.AsSpan(_events), output);
    }

    private void Add(in ChangeEvent change, TableShape shape)
    {
        if (change.Kind == ChangeKind.Truncate)
        {
            _events.Add(With(change, change.Kind, default, default, shape.Table));
            return;
        }

        var whole = change.OldIsWhole ? change.Old : default;
        if (!shape.HasFilter)
        {
            Add(change, change.Kind, change.Old, change.New, default, shape);
            return;
        }

        if (shape.RowsAreRemembered) CheckMove(change);
        // Where rows are remembered, one that isn't waits for the load, which will bring it whole. Else, without an old row, the key is the same, and the condition looks at nothing else.
        var isIn = !change.New.IsAbsent && (!shape.RowsAreRemembered || change.OldIsWhole || !change.New.HasUnchanged) && shape.Matches(change.New, change.Old);
        var wasIn = change.Kind switch
        {
            ChangeKind.Delete or ChangeKind.Update when shape.RowsAreRemembered => change.OldIsWhole && shape.Matches(change.Old, default),
            ChangeKind.Delete => shape.Matches(change.Old, default),
            ChangeKind.Update => change.Old.IsAbsent ? isIn : shape.Matches(change.Old, default),
            _ => false,
        };
        if (isIn && wasIn)
        {
            Add(change, change.Kind, change.Old, change.New, default, shape);
        }
        else if (wasIn)
        {
            Add(change, ChangeKind.Delete, change.Old, default, default, shape);
        }
        else if (isIn)
        {
            if (whole.IsAbsent && shape.LeavesOut(change.New))
            {
                throw new BadDataException(
                    $"A row of {change.Table.FullName} came to meet the condition by a change of its key, in an update that left unchanged large values out; they are nowhere. Give the table REPLICA IDENTITY FULL, so that updates carry them.");
            }

            Add(change, change.Kind == ChangeKind.Update ? ChangeKind.Insert : change.Kind, default, change.New, whole, shape);
        }
    }

    // The load goes by keys: it may already have passed the new one.
    private static void CheckMove(in ChangeEvent change)
    {
        if (change.Kind != ChangeKind.Update || change.Old.IsAbsent || change.OldIsWhole || !change.New.HasUnchanged) return;
        throw new BadDataException(
            $"The key of a row of {change.Table.FullName} was changed before the load has reached the row, in an update that left unchanged large values out; they are nowhere. Give the table REPLICA IDENTITY FULL, so that updates carry them.");
    }

    private void Add(in ChangeEvent change, ChangeKind kind, in TupleData old, in TupleData @new, in TupleData fill, TableShape shape)
    {
        var (oldStart, newStart) = (_tuples.Length, 0);
        if (!old.IsAbsent) shape.Write(old, default, _tuples);
        newStart = _tuples.Length;
        if (!@new.IsAbsent) shape.Write(@new, fill, _tuples);
        _parts.Add((_events.Count, oldStart, newStart - oldStart, newStart, _tuples.Length - newStart));
        _events.Add(With(change, kind, default, default, shape.Table));
    }

    private static ChangeEvent With(in ChangeEvent change, ChangeKind kind, TupleData old, TupleData @new, PgTable? table = null) => new()
    {
        Table = table ?? change.Table, Kind = kind, Transaction = change.Transaction, Lsn = change.Lsn, Old = old, OldIsWhole = change.OldIsWhole && kind != ChangeKind.Insert, New = @new, Place = change.Place,
    };

    private TableShape? ShapeOf(PgTable table)
    {
        if (ReferenceEquals(table, _last)) return _lastShape;
        if (!_shapes.TryGetValue(table, out var box)) _shapes.Add(table, box = new Box(Shaping.For(rules, table) is { } found ? new TableShape(table, found) : null));
        (_last, _lastShape) = (table, box.Shape);
        return _lastShape;
    }

    private sealed record Box(TableShape? Shape);
}
