using System.Buffers.Binary;
using Pathway.Connectors.Postgres;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Where the values of a tuple lie, so that they can be reached in any order. One object, filled again for each row.</summary>
internal sealed class TuplePlaces(int columns)
{
    private readonly (int Start, int Length)[] _places = new (int, int)[columns];
    private ReadOnlyMemory<byte> _memory;

    /// <summary>Whether there is a tuple.</summary>
    public bool IsPresent { get; private set; }

    /// <summary>Whether all columns are there, or only those of the replica identity.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The bytes that <see cref="Value"/> slices.</summary>
    public ReadOnlySpan<byte> Bytes => _memory.Span;

    /// <summary>Finds the values of <paramref name="tuple"/>.</summary>
    public void Read(TupleData tuple, bool isWhole)
    {
        IsPresent = !tuple.IsAbsent;
        IsWhole = isWhole;
        if (!IsPresent) return;
        _memory = tuple.Memory;
        Check.That(tuple.Count == _places.Length);
        Find(tuple.Memory.Span, _places);
    }

    /// <summary>Whether a value is NULL, or not sent.</summary>
    public bool IsNull(int column) => _places[column].Length == NullLength;

    /// <summary>Whether a value is a large one that didn't change and wasn't sent.</summary>
    public bool IsUnchanged(int column) => _places[column].Length == UnchangedLength;

    /// <summary>A value.</summary>
    public ReadOnlySpan<byte> Value(int column, ReadOnlySpan<byte> bytes) => bytes.Slice(_places[column].Start, _places[column].Length);

    /// <summary>Whether a value is the same in both, text by text.</summary>
    public static bool AreSame(TuplePlaces left, TuplePlaces right, int column)
    {
        var (leftPlace, rightPlace) = (left._places[column], right._places[column]);
        if (leftPlace.Length < 0 || rightPlace.Length < 0) return leftPlace.Length == rightPlace.Length;
        return left.Value(column, left.Bytes).SequenceEqual(right.Value(column, right.Bytes));
    }

    private const int NullLength = -1, UnchangedLength = -2;

    private static void Find(ReadOnlySpan<byte> bytes, Span<(int Start, int Length)> places)
    {
        var at = 2;
        foreach (ref var place in places)
        {
            switch ((TupleData.ValueKind)bytes[at])
            {
                case TupleData.ValueKind.Text:
                    place = (at + 5, BinaryPrimitives.ReadInt32BigEndian(bytes[(at + 1)..]));
                    at += 5 + place.Length;
                    break;
                case TupleData.ValueKind.Null:
                    place = (0, NullLength);
                    at++;
                    break;
                case TupleData.ValueKind.Unchanged:
                    place = (0, UnchangedLength);
                    at++;
                    break;
                default:
                    throw new InvariantException("A tuple holds a value in binary form; the replication stream must be asked for text.");
            }
        }
    }
}
