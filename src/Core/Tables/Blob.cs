namespace Pathway.Core;

/// <summary>Bytes as a value: two are equal when their bytes are. Nobody changes them once they are in it.</summary>
public readonly struct Blob : IEquatable<Blob>
{
    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>Takes <paramref name="bytes"/> as they are; they must not change any more.</summary>
    public Blob(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>Whether both hold the same bytes.</summary>
    public static bool operator ==(Blob left, Blob right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(Blob left, Blob right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Blob other) => _bytes.Span.SequenceEqual(other._bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Blob other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_bytes.Span);
        return hash.ToHashCode();
    }
}
