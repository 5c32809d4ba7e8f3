using System.Security.Cryptography;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>One version of a table as its rules make it, and how its tuples become tuples of that.</summary>
internal sealed class TableShape
{
    private static readonly PgType Text = new() { Oid = 25, Name = "text" };
    private readonly int[] _columns;
    private readonly ColumnMask?[] _masks; // by place in the source's tuples
    private readonly (int Column, RowCondition Condition)[] _conditions; // column -1: not seen yet, null
    private readonly byte[] _salt;

    /// <exception cref="BadDataException">The rules don't fit the table.</exception>
    public TableShape(PgTable table, TableRules rules)
    {
        if (FindProblems(table, rules).FirstOrDefault() is { } problem) throw new BadDataException(problem);
        RowsAreRemembered = rules.RowsAreRemembered && rules.Where?.Columns.Any(c => !table.PrimaryKey.Contains(c)) == true;
        _salt = Encoding.UTF8.GetBytes(rules.Salt);
        _columns = [.. Enumerable.Range(0, table.Columns.Count).Where(i => rules.Columns?.Contains(table.Columns[i].Name) != false)];
        _masks = [.. table.Columns.Select(c => rules.Masks.TryGetValue(c.Name, out var mask) ? mask : (ColumnMask?)null)];
        _conditions = [.. (rules.Where?.Conditions ?? []).Select(c => (table.Columns.ToList().FindIndex(t => t.Name == c.Column), c))];
        for (var i = 0; i < _conditions.Length; i++)
            if (_conditions[i].Column >= 0) _conditions[i].Condition = _conditions[i].Condition with { IsPadded = (table.Columns[_conditions[i].Column].Type.DomainBase ?? table.Columns[_conditions[i].Column].Type).Name == "bpchar" };
        string Renamed(string name) => rules.Rename.GetValueOrDefault(name, name);
        Table = new PgTable
        {
            Oid = table.Oid, Schema = table.Schema, Name = table.Name, ReplicaIdentity = table.ReplicaIdentity,
            Columns = [.. _columns.Select(i => Shaped(table.Columns[i], Renamed(table.Columns[i].Name), _masks[i]))],
            PrimaryKey = [.. table.PrimaryKey.Select(Renamed)],
            UniqueIndexes = [.. table.UniqueIndexes.Where(index => index.All(c => rules.Columns?.Contains(c) != false && !rules.Masks.ContainsKey(c))).Select(index => (IReadOnlyList<string>)[.. index.Select(Renamed)])],
        };
    }

    /// <summary>The table as its rules make it.</summary>
    public PgTable Table { get; }

    /// <summary>Whether old rows are those that are remembered, and the condition looks at more of them than the key.</summary>
    public bool RowsAreRemembered { get; }

    /// <summary>Whether rows are filtered.</summary>
    public bool HasFilter => _conditions.Length > 0;

    /// <summary>What is wrong with rules for a table, as sentences.</summary>
    public static IEnumerable<string> FindProblems(PgTable table, TableRules rules)
    {
        var has = table.Columns.Select(c => c.Name).ToHashSet();
        foreach (var (what, name) in (rules.Columns ?? []).Select(c => ("columns", c)).Concat(rules.Rename.Keys.Select(c => ("rename", c))).Concat(rules.Masks.Keys.Select(c => ("mask", c))).Concat((rules.Where?.Columns ?? []).Select(c => ("where", c))))
            if (!has.Contains(name) && !table.MayHaveMore) yield return $"Table {table.FullName} has no column '{name}', which `{what}` names; it has {string.Join(", ", has)}.";
        foreach (var key in table.PrimaryKey)
        {
            if (rules.Columns?.Contains(key) == false) yield return $"Column {key} of {table.FullName} is part of the primary key, and `columns` leaves it out: nothing would say which row a change concerns. Name it as well.";
            if (rules.Masks.ContainsKey(key)) yield return $"Column {key} of {table.FullName} is part of the primary key and can't be masked: different rows could become one. Mask other columns, or leave the table out.";
        }

        var carried = table.Columns.Select(c => c.Name).Where(c => rules.Columns?.Contains(c) != false).Select(c => rules.Rename.GetValueOrDefault(c, c));
        foreach (var twice in carried.GroupBy(c => c).Where(g => g.Count() > 1)) yield return $"Two columns of {table.FullName} would be called '{twice.Key}'. Rename one of them otherwise.";
        foreach (var condition in rules.Where?.Conditions ?? [])
        {
            if (table.Columns.FirstOrDefault(c => c.Name == condition.Column) is not { } column) continue;
            if (condition.Problem(column) is { } problem) yield return $"In `where` of {table.FullName}: {problem}.";
            if (table.ReplicaIdentity != PgReplicaIdentity.Full && !(rules.RowsAreRemembered && table.PrimaryKey.Count > 0) && !table.PrimaryKey.Contains(column.Name))
                yield return $"`where` of {table.FullName} looks at column {column.Name}, which Postgres doesn't send with old rows, so that rows which leave the condition would stay. Use columns of the primary key alone, let its rows be remembered (before: state), or ALTER TABLE … REPLICA IDENTITY FULL.";
        }
    }

    /// <summary>Whether a row is carried. Values that weren't sent are taken from <paramref name="old"/>.</summary>
    public bool Matches(in TupleData row, in TupleData old)
    {
        foreach (var (column, condition) in _conditions)
        {
            var value = ValueAt(row, column);
            if (value.Kind == TupleData.ValueKind.Unchanged && !old.IsAbsent) value = ValueAt(old, column);
            if (!condition.Holds(value.Kind, value.Bytes)) return false;
        }

        return true;
    }

    /// <summary>Whether a value that is carried wasn't sent.</summary>
    public bool LeavesOut(in TupleData row)
    {
        var at = 0;
        foreach (var value in row)
            if (_columns.Contains(at++) && value.Kind == TupleData.ValueKind.Unchanged) return true;
        return false;
    }

    /// <summary>Appends what is carried of a row.</summary>
    /// <param name="row">The source's row.</param>
    /// <param name="old">A whole old row that values which weren't sent are taken from; absent where they are to stay so.</param>
    /// <param name="writer">Where it goes.</param>
    public void Write(in TupleData row, in TupleData old, TupleWriter writer)
    {
        writer.Begin();
        var (at, next) = (0, 0);
        var olds = old.GetEnumerator();
        foreach (var value in row)
        {
            var known = olds.MoveNext() ? olds.Current : default;
            var column = at++;
            if (next == _columns.Length || _columns[next] != column) continue;
            next++;
            Write(value.Kind == TupleData.ValueKind.Unchanged && !old.IsAbsent ? known : value, _masks[column], writer);
        }

        Check.That(next == _columns.Length);
    }

    private void Write(in TupleData.Value value, ColumnMask? mask, TupleWriter writer)
    {
        if (mask == ColumnMask.Null) writer.Null();
        else if (mask is null || value.Kind != TupleData.ValueKind.Text) writer.Value(value);
        else CellText.Write(writer, mask == ColumnMask.Hash ? Hash(value.Bytes) : LastFour(value.Bytes));
    }

    private string Hash(ReadOnlySpan<byte> value) => Convert.ToHexStringLower(_salt.Length > 0 ? HMACSHA256.HashData(_salt, value) : SHA256.HashData(value));

    private static string LastFour(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value);
        return text.Length <= 4 ? "****" : "****" + text[^4..];
    }

    private static TupleData.Value ValueAt(in TupleData row, int column)
    {
        var at = 0;
        foreach (var value in row)
            if (at++ == column) return value;
        return new TupleData.Value(TupleData.ValueKind.Null, default);
    }

    private static PgColumn Shaped(PgColumn column, string name, ColumnMask? mask) => mask is ColumnMask.Hash or ColumnMask.Last4
        ? new PgColumn { Name = name, Type = Text, IsIdentity = column.IsIdentity, IsNotNull = column.IsNotNull }
        : new PgColumn
        {
            Name = name, Type = column.Type, TypeModifier = column.TypeModifier, IsIdentity = column.IsIdentity, IsNotNull = column.IsNotNull && mask is null, Default = mask is null ? column.Default : null,
            IsGenerated = column.IsGenerated,
        };
}
