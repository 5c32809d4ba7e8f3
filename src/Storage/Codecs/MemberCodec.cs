using MessagePack;

namespace Pathway.Storage;

/// <summary>Writes and reads one value inside a row as MessagePack.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
internal abstract class MemberCodec<T>
{
    public abstract void Write(ref MessagePackWriter writer, in T value);

    public abstract T Read(ref MessagePackReader reader);
}

internal delegate void MemberWrite<T>(ref MessagePackWriter writer, in T value);

internal delegate T MemberRead<T>(ref MessagePackReader reader);
