using MessagePack;
using Pathway.Core;

namespace Pathway.Storage;

/// <summary>A list as an array of its elements; nil for null.</summary>
internal sealed class ListCodec<T>(MemberCodec<T> element) : MemberCodec<ValueList<T>>
{
    public override void Write(ref MessagePackWriter writer, in ValueList<T> value)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteArrayHeader(value.Count);
        foreach (ref readonly var item in value.Span) element.Write(ref writer, in item);
    }

    public override ValueList<T> Read(ref MessagePackReader reader)
    {
        if (reader.TryReadNil()) return null!;
        var items = new T[reader.ReadArrayHeader()];
        for (var i = 0; i < items.Length; i++) items[i] = element.Read(ref reader);
        return ValueList.Of<T>(items);
    }
}

/// <summary>A byte for null, which comes first; then each element behind a byte that is 1, and at the end a byte that is 0, so that a list comes before those that it begins.</summary>
internal sealed class ListKeyCodec<T>(KeyCodec<T> element) : KeyCodec<ValueList<T>>
{
    public override bool IsExact => element.IsExact;

    public override void Write(in ValueList<T> key, ByteBuffer output)
    {
        output.Append(key is null ? (byte)0 : (byte)1);
        if (key is null) return;
        foreach (ref readonly var item in key.Span)
        {
            output.Append((byte)1);
            element.Write(in item, output);
        }

        output.Append((byte)0);
    }

    public override ValueList<T> Read(ref ReadOnlySpan<byte> rest)
    {
        if (!TakeFlag(ref rest)) return null!;
        var items = new List<T>();
        while (TakeFlag(ref rest)) items.Add(element.Read(ref rest));
        return items.ToValueList();
    }

    private static bool TakeFlag(ref ReadOnlySpan<byte> rest)
    {
        var isSet = rest[0] != 0;
        rest = rest[1..];
        return isSet;
    }
}

internal static class ListType
{
    /// <summary>The type of the elements, if <paramref name="type"/> is a <see cref="ValueList{T}"/>; else null.</summary>
    public static Type? ElementOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>) ? type.GetGenericArguments()[0] : null;
}
