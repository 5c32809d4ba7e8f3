using System.Numerics;
using System.Runtime.CompilerServices;

namespace Pathway.Storage;

/// <summary>Integers and characters: big endian, the sign bit turned for signed ones.</summary>
internal sealed class IntegerKeyCodec<T> : KeyCodec<T>
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    public override bool IsExact => true;

    public override void Write(in T key, ByteBuffer output)
    {
        var bytes = output.Extend(Unsafe.SizeOf<T>());
        // WriteBigEndian is a default method of its interface: it would box each key.
        Unsafe.WriteUnaligned(ref bytes[0], key);
        if (BitConverter.IsLittleEndian) bytes.Reverse();
        if (T.IsNegative(T.MinValue)) bytes[0] ^= 0x80;
    }

    public override T Read(ref ReadOnlySpan<byte> rest)
    {
        var isSigned = T.IsNegative(T.MinValue);
        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<T>()];
        rest[..bytes.Length].CopyTo(bytes);
        rest = rest[bytes.Length..];
        if (isSigned) bytes[0] ^= 0x80;
        return T.ReadBigEndian(bytes, isUnsigned: !isSigned);
    }
}

/// <summary>A type that another one stands for.</summary>
internal sealed class ConvertedKeyCodec<T, TStored>(Func<T, TStored> store, Func<TStored, T> restore, bool isExact = true) : KeyCodec<T>
    where TStored : unmanaged, IBinaryInteger<TStored>, IMinMaxValue<TStored>
{
    private readonly IntegerKeyCodec<TStored> _stored = new();

    public override bool IsExact => isExact;

    public override void Write(in T key, ByteBuffer output) => _stored.Write(store(key), output);

    public override T Read(ref ReadOnlySpan<byte> rest) => restore(_stored.Read(ref rest));
}

/// <summary>An enum as its underlying integer.</summary>
internal sealed class EnumKeyCodec<T, TUnderlying>(KeyCodec<TUnderlying> underlying) : KeyCodec<T>
    where T : struct, Enum
    where TUnderlying : struct
{
    public override bool IsExact => true;

    public override void Write(in T key, ByteBuffer output) => underlying.Write(Unsafe.BitCast<T, TUnderlying>(key), output);

    public override T Read(ref ReadOnlySpan<byte> rest) => Unsafe.BitCast<TUnderlying, T>(underlying.Read(ref rest));
}

/// <summary>A byte for null, which comes first, then the value.</summary>
internal sealed class NullableKeyCodec<T>(KeyCodec<T> value) : KeyCodec<T?>
    where T : struct
{
    public override bool IsExact => value.IsExact;

    public override void Write(in T? key, ByteBuffer output)
    {
        output.Append(key.HasValue ? (byte)1 : (byte)0);
        if (key.HasValue) value.Write(key.GetValueOrDefault(), output);
    }

    public override T? Read(ref ReadOnlySpan<byte> rest)
    {
        var hasValue = rest[0] != 0;
        rest = rest[1..];
        return hasValue ? value.Read(ref rest) : null;
    }
}

/// <summary>Big endian, which is the order of <see cref="Guid.CompareTo(Guid)"/>.</summary>
internal sealed class GuidKeyCodec : KeyCodec<Guid>
{
    public override bool IsExact => true;

    public override void Write(in Guid key, ByteBuffer output) => key.TryWriteBytes(output.Extend(16), bigEndian: true, out _);

    public override Guid Read(ref ReadOnlySpan<byte> rest)
    {
        var guid = new Guid(rest[..16], bigEndian: true);
        rest = rest[16..];
        return guid;
    }
}

/// <summary>The order of <see cref="double.CompareTo(double)"/>: not-a-number first; the two zeros are one.</summary>
internal sealed class DoubleKeyCodec : KeyCodec<double>
{
    private readonly KeyCodec<ulong> _bits = new IntegerKeyCodec<ulong>();

    public override bool IsExact => false;

    public override void Write(in double key, ByteBuffer output)
    {
        // Negative numbers are turned whole, positive ones get the sign bit, so that the smallest, -∞, is above 0, which is left for not-a-number.
        var bits = double.IsNaN(key) ? 0 : BitConverter.DoubleToUInt64Bits(key == 0 ? 0 : key) is var b && (long)b < 0 ? ~b : b | 1UL << 63;
        _bits.Write(bits, output);
    }

    public override double Read(ref ReadOnlySpan<byte> rest)
    {
        var bits = _bits.Read(ref rest);
        return bits == 0 ? double.NaN : BitConverter.UInt64BitsToDouble((long)bits < 0 ? bits & ~(1UL << 63) : ~bits);
    }
}

/// <summary>As <see cref="DoubleKeyCodec"/>, in four bytes.</summary>
internal sealed class SingleKeyCodec : KeyCodec<float>
{
    private readonly KeyCodec<uint> _bits = new IntegerKeyCodec<uint>();

    public override bool IsExact => false;

    public override void Write(in float key, ByteBuffer output)
    {
        var bits = float.IsNaN(key) ? 0 : BitConverter.SingleToUInt32Bits(key == 0 ? 0 : key) is var b && (int)b < 0 ? ~b : b | 1U << 31;
        _bits.Write(bits, output);
    }

    public override float Read(ref ReadOnlySpan<byte> rest)
    {
        var bits = _bits.Read(ref rest);
        return bits == 0 ? float.NaN : BitConverter.UInt32BitsToSingle((int)bits < 0 ? bits & ~(1U << 31) : ~bits);
    }
}
