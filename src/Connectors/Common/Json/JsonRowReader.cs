using System.Linq.Expressions;
using System.Text.Json;

namespace Pathway.Connectors;

/// <summary>Reads rows of one type from JSON, in the form that <see cref="RowJson"/> tells.</summary>
/// <remarks>
/// Lines mostly look like the one before: one that does is read by code made for the row type, without a search for names. Any other line, and whatever is wrong, is read by the general serializer.
/// Used by one thread.
/// </remarks>
/// <typeparam name="TRow">The row.</typeparam>
internal sealed class JsonRowReader<TRow>
{
    /// <summary>After so many shapes there is no use in learning one more.</summary>
    private const int ShapesMax = 64;

    private static readonly Func<string, int>? MemberOf;
    private static readonly int Members;
    private static readonly ReadLine? Known;
    private JsonLineShape? _shape;
    private int _learned;

    static JsonRowReader()
    {
        if (JsonRowMembers.Read(typeof(TRow)) is not var (constructor, members)) return;
        var exact = members.Select((m, i) => (m.Name, i)).ToDictionary(m => m.Name, m => m.i, StringComparer.Ordinal);
        MemberOf = name => exact.TryGetValue(name, out var member) ? member : members.ToList().FindIndex(m => string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase));
        Members = members.Count;
        Known = Compile(constructor, members);
    }

    private delegate bool ReadLine(ref JsonLineCursor cursor, out TRow row);

    /// <summary>The row that <paramref name="json"/> holds.</summary>
    /// <exception cref="JsonException">It holds no such row.</exception>
    public TRow Read(ReadOnlySpan<byte> json)
    {
        if (_shape is not null)
        {
            var cursor = new JsonLineCursor(json, _shape);
            if (Known!(ref cursor, out var known)) return known;
        }

        var row = JsonSerializer.Deserialize<TRow>(json, RowJson.Options) ?? throw new JsonException("it holds null, not a row");
        if (Known is not null && _learned < ShapesMax && JsonLineShape.Of(json, MemberOf!, Members) is { } shape) (_shape, _learned) = (shape, _learned + 1);
        return row;
    }

    // while (true) switch (cursor.Next()) { case 0: if (!cursor.TryReadInt64(out v0)) return false; break; … case AtEnd: row = new TRow(v0, …); return true; default: return false; }
    private static ReadLine Compile(System.Reflection.ConstructorInfo? constructor, IReadOnlyList<JsonRowMember> members)
    {
        var (cursor, row) = (Expression.Parameter(typeof(JsonLineCursor).MakeByRefType(), "cursor"), Expression.Parameter(typeof(TRow).MakeByRefType(), "row"));
        var values = members.Select(m => Expression.Variable(m.Type, m.Name)).ToArray();
        var end = Expression.Label(typeof(bool), "end");
        var fail = Expression.Return(end, Expression.Constant(false));
        var cases = members.Select((m, i) => Expression.SwitchCase(Expression.IfThen(Expression.Not(TryRead(cursor, m, values[i])), fail), Expression.Constant(i))).ToList();
        var made = Expression.Block(typeof(void), Expression.Assign(row, JsonRowMembers.Make(typeof(TRow), constructor, members, values)), Expression.Return(end, Expression.Constant(true)));
        cases.Add(Expression.SwitchCase(made, Expression.Constant(JsonLineCursor.AtEnd)));
        var loop = Expression.Loop(Expression.Switch(typeof(void), Expression.Call(cursor, nameof(JsonLineCursor.Next), null), fail, null, cases));
        var body = Expression.Block(typeof(bool), values, Expression.Assign(row, Expression.Default(typeof(TRow))), loop, Expression.Label(end, Expression.Constant(false)));
        return Expression.Lambda<ReadLine>(body, cursor, row).Compile();
    }

    private static Expression TryRead(ParameterExpression cursor, JsonRowMember member, ParameterExpression value)
    {
        var type = Nullable.GetUnderlyingType(member.Type) ?? member.Type;
        Expression read;
        if (type == member.Type)
        {
            read = TryReadPlain(cursor, type, value);
        }
        else
        {
            var plain = Expression.Variable(type);
            read = Expression.Block([plain], Expression.AndAlso(TryReadPlain(cursor, type, plain), Expression.Block(Expression.Assign(value, Expression.Convert(plain, member.Type)), Expression.Constant(true))));
        }

        if (!member.CanBeNull || (member.Type.IsValueType && type == member.Type)) return read;
        var isNull = Expression.Block(Expression.Assign(value, Expression.Default(member.Type)), Expression.Constant(true));
        return Expression.Condition(Expression.Call(cursor, nameof(JsonLineCursor.TryReadNull), null), isNull, read);
    }

    private static Expression TryReadPlain(ParameterExpression cursor, Type type, ParameterExpression value)
    {
        var method = type == typeof(long) ? nameof(JsonLineCursor.TryReadInt64)
            : type == typeof(int) ? nameof(JsonLineCursor.TryReadInt32)
            : type == typeof(string) ? nameof(JsonLineCursor.TryReadString)
            : type == typeof(decimal) ? nameof(JsonLineCursor.TryReadDecimal)
            : type == typeof(double) ? nameof(JsonLineCursor.TryReadDouble)
            : type == typeof(bool) ? nameof(JsonLineCursor.TryReadBoolean)
            : null;
        if (method is not null) return Expression.Call(cursor, method, null, value);
        var other = Expression.Call(cursor, nameof(JsonLineCursor.TryReadOther), [type], value);
        return type.IsValueType ? other : Expression.AndAlso(other, Expression.NotEqual(value, Expression.Constant(null, type)));
    }
}
