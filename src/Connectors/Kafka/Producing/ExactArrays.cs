namespace Pathway.Connectors.Kafka;

/// <summary>Arrays by their exact length, used again and again: the client takes whole arrays and copies them before its call returns.</summary>
internal sealed class ExactArrays
{
    /// <summary>Longer ones are made anew; those kept are 2 MB together at most.</summary>
    private const int LengthMax = 2048;

    private readonly byte[]?[] _byLength = new byte[]?[LengthMax + 1];

    /// <summary>A copy of <paramref name="bytes"/> that holds until the next call.</summary>
    public byte[] Copy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LengthMax) return bytes.ToArray();
        var array = _byLength[bytes.Length] ??= new byte[bytes.Length];
        bytes.CopyTo(array);
        return array;
    }
}
