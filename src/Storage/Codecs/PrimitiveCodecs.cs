using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using MessagePack;

namespace Pathway.Storage;

/// <summary>A value that MessagePack, or another value that stands for it, holds as it is.</summary>
internal sealed class DelegateCodec<T>(MemberWrite<T> write, MemberRead<T> read) : MemberCodec<T>
{
    public override void Write(ref MessagePackWriter writer, in T value) => write(ref writer, in value);

    public override T Read(ref MessagePackReader reader) => read(ref reader);
}

/// <summary>The most frequent ones without a delegate.</summary>
internal sealed class Int32Codec : MemberCodec<int>
{
    public override void Write(ref MessagePackWriter writer, in int value) => writer.Write(value);

    public override int Read(ref MessagePackReader reader) => reader.ReadInt32();
}

/// <inheritdoc cref="Int32Codec"/>
internal sealed class Int64Codec : MemberCodec<long>
{
    public override void Write(ref MessagePackWriter writer, in long value) => writer.Write(value);

    public override long Read(ref MessagePackReader reader) => reader.ReadInt64();
}

/// <summary>A record, tuple or anonymous type as an array of its members; nil for null.</summary>
internal sealed class CompositeCodec<T>(int members, MemberWrite<T> write, MemberRead<T> read) : MemberCodec<T>
{
    public override void Write(ref MessagePackWriter writer, in T value)
    {
        if (!typeof(T).IsValueType)
        {
            if (value is null)
            {
                writer.WriteNil();
                return;
            }

            DerivedClass.Refuse(typeof(T), value.GetType());
        }

        writer.WriteArrayHeader(members);
        write(ref writer, in value);
    }

    public override T Read(ref MessagePackReader reader)
    {
        if (!typeof(T).IsValueType && reader.TryReadNil()) return default!;
        var found = reader.ReadArrayHeader();
        if (found != members) throw new MessagePackSerializationException($"{found} members where {TypeText.Of(typeof(T))} has {members}");
        return read(ref reader);
    }
}

/// <summary>Nil or the value.</summary>
internal sealed class NullableCodec<T>(MemberCodec<T> value) : MemberCodec<T?>
    where T : struct
{
    public override void Write(ref MessagePackWriter writer, in T? item)
    {
        if (item.HasValue) value.Write(ref writer, item.GetValueOrDefault());
        else writer.WriteNil();
    }

    public override T? Read(ref MessagePackReader reader) => reader.TryReadNil() ? null : value.Read(ref reader);
}

/// <summary>An enum as its underlying integer.</summary>
internal sealed class EnumCodec<T, TUnderlying>(MemberCodec<TUnderlying> underlying) : MemberCodec<T>
    where T : struct, Enum
    where TUnderlying : struct
{
    public override void Write(ref MessagePackWriter writer, in T value) => underlying.Write(ref writer, Unsafe.BitCast<T, TUnderlying>(value));

    public override T Read(ref MessagePackReader reader) => Unsafe.BitCast<TUnderlying, T>(underlying.Read(ref reader));
}

/// <summary>Text as UTF-8; nil for null.</summary>
internal sealed class StringCodec : MemberCodec<string>
{
    public override void Write(ref MessagePackWriter writer, in string value)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        var length = Utf8Text.Count(value);
        writer.WriteStringHeader(length);
        System.Text.Encoding.UTF8.GetBytes(value, writer.GetSpan(length));
        writer.Advance(length);
    }

    public override string Read(ref MessagePackReader reader) => reader.ReadString()!;
}

/// <summary>Sixteen bytes, big endian.</summary>
internal sealed class GuidCodec : MemberCodec<Guid>
{
    public override void Write(ref MessagePackWriter writer, in Guid value)
    {
        writer.WriteBinHeader(16);
        value.TryWriteBytes(writer.GetSpan(16), bigEndian: true, out _);
        writer.Advance(16);
    }

    public override Guid Read(ref MessagePackReader reader)
    {
        Span<byte> bytes = stackalloc byte[16];
        FixedBytes.Read(ref reader, bytes);
        return new Guid(bytes, bigEndian: true);
    }
}

/// <summary>Sixteen bytes, big endian.</summary>
internal sealed class WideIntegerCodec<T> : MemberCodec<T>
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    public override void Write(ref MessagePackWriter writer, in T value)
    {
        writer.WriteBinHeader(16);
        value.WriteBigEndian(writer.GetSpan(16));
        writer.Advance(16);
    }

    public override T Read(ref MessagePackReader reader)
    {
        Span<byte> bytes = stackalloc byte[16];
        FixedBytes.Read(ref reader, bytes);
        return T.ReadBigEndian(bytes, isUnsigned: !T.IsNegative(T.MinValue));
    }
}

/// <summary>Ticks of the local time and offset in ticks: both are kept, though equality sees only the instant.</summary>
internal sealed class DateTimeOffsetCodec : MemberCodec<DateTimeOffset>
{
    public override void Write(ref MessagePackWriter writer, in DateTimeOffset value)
    {
        writer.WriteArrayHeader(2);
        writer.Write(value.Ticks);
        writer.Write((int)(value.Offset.Ticks / TimeSpan.TicksPerMinute));
    }

    public override DateTimeOffset Read(ref MessagePackReader reader)
    {
        if (reader.ReadArrayHeader() != 2) throw new MessagePackSerializationException("a time with offset has two parts");
        return new DateTimeOffset(reader.ReadInt64(), TimeSpan.FromMinutes(reader.ReadInt32()));
    }
}

/// <summary>Scale with sign, low 64 bits and, where there are any, high 32 bits: the scale is kept.</summary>
internal sealed class DecimalCodec : MemberCodec<decimal>
{
    public override void Write(ref MessagePackWriter writer, in decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        writer.WriteArrayHeader(parts[2] == 0 ? 2 : 3);
        var scale = parts[3] >> 16 & 0xFF;
        writer.Write(parts[3] < 0 ? -1 - scale : scale);
        writer.Write((ulong)(uint)parts[1] << 32 | (uint)parts[0]);
        if (parts[2] != 0) writer.Write((uint)parts[2]);
    }

    public override decimal Read(ref MessagePackReader reader)
    {
        var parts = reader.ReadArrayHeader();
        if (parts is not (2 or 3)) throw new MessagePackSerializationException($"a decimal of {parts} parts");
        var scale = reader.ReadInt32();
        var low = reader.ReadUInt64();
        var high = parts == 3 ? reader.ReadUInt32() : 0;
        return new decimal((int)(uint)low, (int)(low >> 32), (int)high, scale < 0, (byte)(scale < 0 ? -1 - scale : scale));
    }
}

internal static class FixedBytes
{
    public static void Read(ref MessagePackReader reader, scoped Span<byte> bytes)
    {
        var found = reader.ReadBytes();
        if (found is not { } sequence || sequence.Length != bytes.Length) throw new MessagePackSerializationException($"{found?.Length ?? 0} bytes where {bytes.Length} are expected");
        sequence.CopyTo(bytes);
    }
}
