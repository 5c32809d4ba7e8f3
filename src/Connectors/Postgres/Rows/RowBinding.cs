using System.Linq.Expressions;
using System.Reflection;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Makes rows and keys of C# types from the tuples of one version of a table. Compiled once.</summary>
internal sealed class RowBinding<TKey, TRow>
{
    private readonly PgTable _table;
    private readonly TupleReader _reader;
    private readonly int[] _keyPlaces;
    private readonly int[] _columns; // those that the row needs
    private readonly Func<TupleReader, TRow> _row;
    private readonly Func<TupleReader, TRow, TRow> _patched;
    private readonly Func<TupleReader, TKey> _key;
    private readonly List<Member> _members;

    /// <summary>Binds members to columns by name.</summary>
    /// <exception cref="BadDataException">A member has no column, or a type that can't be read; the table has no primary key, or another than <typeparamref name="TKey"/> can hold.</exception>
    public RowBinding(PgTable table)
    {
        (_table, _reader) = (table, new TupleReader(table.Columns.Count));
        _keyPlaces = TupleKey.Places(table);
        if (_keyPlaces.Length == 0) throw new BadDataException($"Table {table.FullName} has no primary key, which a keyed table needs. Add one, or read it as a stream of changes.");
        var reader = Expression.Parameter(typeof(TupleReader), "reader");
        var old = Expression.Parameter(typeof(TRow), "old");
        var members = MembersOf(typeof(TRow), name => ColumnOf(table, name));
        _members = members;
        _columns = [.. members.Select(m => m.Column)];
        _row = Expression.Lambda<Func<TupleReader, TRow>>(Make(typeof(TRow), members, m => Read(reader, m)), reader).Compile();
        _patched = Expression.Lambda<Func<TupleReader, TRow, TRow>>(
            Make(typeof(TRow), members, m => Expression.Condition(Expression.Call(reader, nameof(TupleReader.IsUnchanged), null, Expression.Constant(m.Column)), Old(old, m), Read(reader, m))), reader, old).Compile();
        _key = CompileKey(table, reader);
    }

    /// <summary>The first member whose type can't hold values of its column's type, as a sentence; null if there is none.</summary>
    public string? FindMisfit()
    {
        foreach (var member in _members)
            if (!TextValue.CanHold(member.Type, _table.Columns[member.Column].Type))
                return $"Table {_table.FullName}, column {_table.Columns[member.Column].Name}: member '{member.Name}' of {typeof(TRow).Name} has type {(Nullable.GetUnderlyingType(member.Type) ?? member.Type).Name}, which can't hold {_table.Columns[member.Column].Type.Name}.";
        return null;
    }

    /// <summary>The key of a tuple.</summary>
    public TKey KeyOf(in TupleData tuple)
    {
        _reader.Load(tuple);
        return Guarded(static (reader, key) => key(reader), _key);
    }

    /// <summary>The row of a whole tuple.</summary>
    public TRow RowOf(in TupleData tuple)
    {
        _reader.Load(tuple);
        return Guarded(static (reader, row) => row(reader), _row);
    }

    /// <summary>The row of a tuple whose unchanged values stand in the whole tuple <paramref name="old"/>.</summary>
    public TRow RowOf(in TupleData tuple, in TupleData old) => PatchOf(tuple) is { } patch ? patch(RowOf(old)) : RowOf(tuple);

    /// <summary>Makes the new row from the old one, where a value that the row needs wasn't sent; null where all were.</summary>
    public Func<TRow, TRow>? PatchOf(TupleData tuple)
    {
        _reader.Load(tuple);
        if (!_columns.Any(_reader.IsUnchanged)) return null;
        return old =>
        {
            _reader.Load(tuple);
            return Guarded((reader, patched) => patched(reader, old), _patched);
        };
    }

    private TOut Guarded<TOut, TParser>(Func<TupleReader, TParser, TOut> parse, TParser parser)
    {
        try
        {
            return parse(_reader, parser);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            var blamed = _reader.Column;
            var key = string.Join(", ", _keyPlaces.Select(p => System.Text.Encoding.UTF8.GetString(_reader.Text(p))));
            throw new BadDataException($"Table {_table.FullName}, key {key}, column {_table.Columns[blamed].Name}: {e.Message}. Row type {typeof(TRow).Name} can't hold the row.", e);
        }
    }

    private static Func<TupleReader, TKey> CompileKey(PgTable table, ParameterExpression reader)
    {
        var places = TupleKey.Places(table);
        if (TextValue.CanRead(typeof(TKey)))
        {
            if (places.Length != 1) throw new BadDataException($"Table {table.FullName} has the primary key ({string.Join(", ", table.PrimaryKey)}); {typeof(TKey).Name} holds one column. Use a tuple of their types.");
            return Expression.Lambda<Func<TupleReader, TKey>>(Read(reader, new Member("key", typeof(TKey), places[0], false, null)), reader).Compile();
        }

        // A tuple takes the key's columns in their order, a record by name.
        var isTuple = typeof(TKey).FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal);
        var next = 0;
        var members = MembersOf(typeof(TKey), name => isTuple ? next < places.Length ? places[next++] : -1 : ColumnOf(table, name));
        if (members.Count != places.Length) throw new BadDataException($"Table {table.FullName} has the primary key ({string.Join(", ", table.PrimaryKey)}), which {typeof(TKey).Name} with {members.Count} members can't hold.");
        return Expression.Lambda<Func<TupleReader, TKey>>(Make(typeof(TKey), members, m => Read(reader, m)), reader).Compile();
    }

    private static int ColumnOf(PgTable table, string member)
    {
        for (var i = 0; i < table.Columns.Count; i++)
            if (PlainName.Of(table.Columns[i].Name) == PlainName.Of(member)) return i;
        throw new BadDataException($"Table {table.FullName} lacks a column for member '{member}' of {typeof(TRow).Name}; it has {string.Join(", ", table.Columns.Select(c => c.Name))}.");
    }

    /// <summary>The names of the row type's members.</summary>
    public static IReadOnlyList<string> MemberNames() => ConstructorOf(typeof(TRow)).GetParameters() is { Length: > 0 } parameters
        ? [.. parameters.Select(p => p.Name!)]
        : [.. typeof(TRow).GetProperties().Where(p => p.CanWrite).Select(p => p.Name)];

    // The constructor with the most parameters (a record's own); without one, the properties that can be set.
    private static List<Member> MembersOf(Type type, Func<string, int> columnOf)
    {
        var nullability = new NullabilityInfoContext();
        var constructor = ConstructorOf(type);
        var members = constructor.GetParameters().Length > 0
            ? constructor.GetParameters().Select(p => (Name: p.Name!, Type: p.ParameterType, IsNullable: nullability.Create(p).WriteState == NullabilityState.Nullable)).ToList()
            : type.GetProperties().Where(p => p.CanWrite).Select(p => (p.Name, Type: p.PropertyType, IsNullable: nullability.Create(p).WriteState == NullabilityState.Nullable)).ToList();
        return [.. members.Select(m => TextValue.CanRead(m.Type)
            ? new Member(m.Name, m.Type, columnOf(m.Name), m.IsNullable, (MemberInfo?)type.GetProperty(m.Name) ?? type.GetField(m.Name) ?? type.GetField(Capital(m.Name)))
            : throw new BadDataException($"Member '{m.Name}' of {type.Name} has type {m.Type.Name}, which can't be read from a column. Numbers, text, bool, Guid, dates and times, enums, and nullable ones can."))];
    }

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static ConstructorInfo ConstructorOf(Type type) => type.GetConstructors().Where(c => c.GetParameters() is not [{ } only] || only.ParameterType != type).OrderByDescending(c => c.GetParameters().Length).First();

    private static Expression Make(Type type, List<Member> members, Func<Member, Expression> value)
    {
        var constructor = ConstructorOf(type);
        return constructor.GetParameters().Length > 0
            ? Expression.New(constructor, members.Select(value))
            : Expression.MemberInit(Expression.New(constructor), members.Select(m => Expression.Bind(type.GetProperty(m.Name)!, value(m))));
    }

    private static Expression Read(ParameterExpression reader, Member member)
    {
        var underlying = Nullable.GetUnderlyingType(member.Type);
        var method = underlying is not null ? nameof(TextValue.ReadOrNull) : member.IsNullable ? nameof(TextValue.ReadOrDefault) : nameof(TextValue.Read);
        return Expression.Call(typeof(TextValue), method, [underlying ?? member.Type], reader, Expression.Constant(member.Column));
    }

    private static Expression Old(ParameterExpression old, Member member) => member.Info is { } info
        ? Expression.MakeMemberAccess(old, info)
        : throw new BadDataException($"Parameter '{member.Name}' of {typeof(TRow).Name} has no property of its name, from which an unchanged value could be taken.");

    private sealed record Member(string Name, Type Type, int Column, bool IsNullable, MemberInfo? Info);
}
