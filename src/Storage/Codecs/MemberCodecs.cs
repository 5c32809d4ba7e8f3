using System.Buffers;
using System.Linq.Expressions;
using MessagePack;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>Derives the codecs of rows and their members from types.</summary>
internal static class MemberCodecs
{
    private static readonly Dictionary<Type, object> Simple = new()
    {
        [typeof(bool)] = new DelegateCodec<bool>(static (ref w, in v) => w.Write(v), static (ref r) => r.ReadBoolean()),
        [typeof(byte)] = new DelegateCodec<byte>(static (ref w, in v) => w.Write(v), static (ref r) => r.ReadByte()),
        [typeof(sbyte)] = new DelegateCodec<sbyte>(static (ref w, in v) => w.Write(v), static (ref r) => r.ReadSByte()),
        [typeof(short)] = new DelegateCodec<short>(static (ref w, in v) => w.Write(v), static (ref r) => r.ReadInt16()),
        [typeof(ushort)] = new DelegateCodec<ushort>(static (ref w, in v) => w.Write(v), static (ref r) => r.ReadUInt16()),
        [typeof(int)] = new Int32Codec(),
        [typeof(uint)] = new DelegateCodec<uint>(static (ref w, in v) => w.Write(v), static (ref r) => r.ReadUInt32()),
        [typeof(long)] = new Int64Codec(),
        [typeof(ulong)] = new DelegateCodec<ulong>(static (ref w, in v) => w.Write(v), static (ref r) => r.ReadUInt64()),
        [typeof(Int128)] = new WideIntegerCodec<Int128>(),
        [typeof(UInt128)] = new WideIntegerCodec<UInt128>(),
        [typeof(char)] = new DelegateCodec<char>(static (ref w, in v) => w.Write(v), static (ref r) => r.ReadChar()),
        [typeof(float)] = new DelegateCodec<float>(static (ref w, in v) => w.Write(v), static (ref r) => r.ReadSingle()),
        [typeof(double)] = new DelegateCodec<double>(static (ref w, in v) => w.Write(v), static (ref r) => r.ReadDouble()),
        [typeof(decimal)] = new DecimalCodec(),
        [typeof(string)] = new StringCodec(),
        [typeof(Guid)] = new GuidCodec(),
        [typeof(Blob)] = new DelegateCodec<Blob>(static (ref w, in v) => w.Write(v.Memory.Span), static (ref r) => new Blob(r.ReadBytes() is { } bytes ? bytes.ToArray() : default)),
        [typeof(DateTime)] = new DelegateCodec<DateTime>(
            static (ref w, in v) => w.Write((ulong)v.Kind << 62 | (ulong)v.Ticks),
            static (ref r) => r.ReadUInt64() is var bits ? new DateTime((long)(bits & ~(3UL << 62)), (DateTimeKind)(bits >> 62)) : default),
        [typeof(DateTimeOffset)] = new DateTimeOffsetCodec(),
        [typeof(DateOnly)] = new DelegateCodec<DateOnly>(static (ref w, in v) => w.Write(v.DayNumber), static (ref r) => DateOnly.FromDayNumber(r.ReadInt32())),
        [typeof(TimeOnly)] = new DelegateCodec<TimeOnly>(static (ref w, in v) => w.Write(v.Ticks), static (ref r) => new TimeOnly(r.ReadInt64())),
        [typeof(TimeSpan)] = new DelegateCodec<TimeSpan>(static (ref w, in v) => w.Write(v.Ticks), static (ref r) => new TimeSpan(r.ReadInt64())),
    };

    private static readonly DerivedCodecs Codecs = new(Simple, typeof(NullableCodec<>), typeof(EnumCodec<,>), typeof(ListCodec<>), Composite, "in a row");

    /// <summary>Whether values of <paramref name="type"/> are written as one value, without members.</summary>
    public static bool IsSimple(Type type) => type.IsEnum || Simple.ContainsKey(type);

    /// <summary>The <see cref="MemberCodec{T}"/> of <paramref name="type"/>.</summary>
    public static object For(Type type) => Codecs.For(type);

    private static object Composite(RowShape shape, IReadOnlyList<object> codecs)
    {
        var value = Expression.Parameter(shape.Type.MakeByRefType(), "value");
        var writer = Expression.Parameter(typeof(MessagePackWriter).MakeByRefType(), "writer");
        var reader = Expression.Parameter(typeof(MessagePackReader).MakeByRefType(), "reader");
        var writes = shape.Members.Select((m, i) => (Expression)Expression.Call(Expression.Constant(codecs[i]), "Write", null, writer, Expression.MakeMemberAccess(value, m.Accessor)));
        var reads = shape.Members.Select((_, i) => (Expression)Expression.Call(Expression.Constant(codecs[i]), "Read", null, reader)).ToList();
        var write = Expression.Lambda(typeof(MemberWrite<>).MakeGenericType(shape.Type), DerivedCodecs.Each(writes), writer, value).Compile();
        var read = Expression.Lambda(typeof(MemberRead<>).MakeGenericType(shape.Type), shape.Construct(reads), reader).Compile();
        return DerivedCodecs.Make(typeof(CompositeCodec<>), [shape.Type], shape.Members.Count, write, read);
    }
}
