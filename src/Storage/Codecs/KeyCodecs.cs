using System.Linq.Expressions;
using System.Reflection;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Derives key codecs from types.</summary>
internal static class KeyCodecs
{
    private static readonly DerivedCodecs Codecs = new(
        new Dictionary<Type, object>
        {
            [typeof(bool)] = new ConvertedKeyCodec<bool, byte>(static v => v ? (byte)1 : (byte)0, static v => v != 0),
            [typeof(byte)] = new IntegerKeyCodec<byte>(),
            [typeof(sbyte)] = new IntegerKeyCodec<sbyte>(),
            [typeof(short)] = new IntegerKeyCodec<short>(),
            [typeof(ushort)] = new IntegerKeyCodec<ushort>(),
            [typeof(int)] = new IntegerKeyCodec<int>(),
            [typeof(uint)] = new IntegerKeyCodec<uint>(),
            [typeof(long)] = new IntegerKeyCodec<long>(),
            [typeof(ulong)] = new IntegerKeyCodec<ulong>(),
            [typeof(Int128)] = new IntegerKeyCodec<Int128>(),
            [typeof(UInt128)] = new IntegerKeyCodec<UInt128>(),
            [typeof(char)] = new IntegerKeyCodec<char>(),
            [typeof(string)] = new StringKeyCodec(),
            [typeof(Guid)] = new GuidKeyCodec(),
            [typeof(DateTime)] = new ConvertedKeyCodec<DateTime, long>(static v => v.Ticks, static v => new DateTime(v), isExact: false),
            [typeof(DateTimeOffset)] = new ConvertedKeyCodec<DateTimeOffset, long>(static v => v.UtcTicks, static v => new DateTimeOffset(v, TimeSpan.Zero), isExact: false),
            [typeof(DateOnly)] = new ConvertedKeyCodec<DateOnly, int>(static v => v.DayNumber, DateOnly.FromDayNumber),
            [typeof(TimeOnly)] = new ConvertedKeyCodec<TimeOnly, long>(static v => v.Ticks, static v => new TimeOnly(v)),
            [typeof(TimeSpan)] = new ConvertedKeyCodec<TimeSpan, long>(static v => v.Ticks, static v => new TimeSpan(v)),
            [typeof(decimal)] = new DecimalKeyCodec(),
            [typeof(double)] = new DoubleKeyCodec(),
            [typeof(float)] = new SingleKeyCodec(),
        },
        typeof(NullableKeyCodec<>), typeof(EnumKeyCodec<,>), typeof(ListKeyCodec<>), Composite, "a key");

    /// <summary>The <see cref="KeyCodec{T}"/> of <paramref name="type"/>.</summary>
    public static object For(Type type) => Codecs.For(type);

    private static object Composite(RowShape shape, IReadOnlyList<object> codecs)
    {
        var key = Expression.Parameter(shape.Type.MakeByRefType(), "key");
        var output = Expression.Parameter(typeof(ByteBuffer), "output");
        var rest = Expression.Parameter(typeof(ReadOnlySpan<byte>).MakeByRefType(), "rest");
        var writes = shape.Members.Select((m, i) => (Expression)Expression.Call(Expression.Constant(codecs[i]), "Write", null, Expression.MakeMemberAccess(key, m.Accessor), output));
        var reads = shape.Members.Select((_, i) => (Expression)Expression.Call(Expression.Constant(codecs[i]), "Read", null, rest)).ToList();
        var write = Expression.Lambda(typeof(KeyWrite<>).MakeGenericType(shape.Type), DerivedCodecs.Each(writes), key, output).Compile();
        var read = Expression.Lambda(typeof(KeyRead<>).MakeGenericType(shape.Type), shape.Construct(reads), rest).Compile();
        var isExact = codecs.All(c => (bool)c.GetType().GetProperty("IsExact")!.GetValue(c)!);
        return DerivedCodecs.Make(typeof(CompositeKeyCodec<>), [shape.Type], write, read, isExact);
    }
}

internal delegate void KeyWrite<T>(in T key, ByteBuffer output);

internal delegate T KeyRead<T>(ref ReadOnlySpan<byte> rest);

/// <summary>A record, tuple or anonymous type, member by member. References carry a byte for null, which comes first.</summary>
internal sealed class CompositeKeyCodec<T>(KeyWrite<T> write, KeyRead<T> read, bool isExact) : KeyCodec<T>
{
    public override bool IsExact => isExact;

    public override void Write(in T key, ByteBuffer output)
    {
        if (!typeof(T).IsValueType)
        {
            if (key is null)
            {
                output.Append((byte)0);
                return;
            }

            DerivedClass.Refuse(typeof(T), key.GetType());
            output.Append((byte)1);
        }

        write(in key, output);
    }

    public override T Read(ref ReadOnlySpan<byte> rest)
    {
        if (!typeof(T).IsValueType)
        {
            var isNull = rest[0] == 0;
            rest = rest[1..];
            if (isNull) return default!;
        }

        return read(ref rest);
    }
}

/// <summary>A row of a derived class would lose what the derived class adds.</summary>
internal static class DerivedClass
{
    public static void Refuse(Type expected, Type found)
    {
        if (found == expected) return;
        var declared = TypeText.Of(expected);
        throw new BadDataException($"A value of class {TypeText.Of(found)} stands where {declared} is expected; state keeps exactly the declared class. Make {declared} sealed, or use the derived class as the row type.");
    }
}
