using System.Buffers.Binary;

namespace Pathway.Connectors.Postgres;

/// <summary>The values of a row in the form of pgoutput's TupleData, as a window into a slice's memory: Int16 count, then for each column a kind byte and, for values, Int32 length and bytes.</summary>
/// <remarks>Text format. Rows of the initial load are brought into the same form. Lives as long as the slice it came with.</remarks>
/// <param name="Memory">The bytes; empty for no tuple.</param>
public readonly record struct TupleData(ReadOnlyMemory<byte> Memory)
{
    /// <summary>Whether there is no tuple.</summary>
    public bool IsAbsent => Memory.IsEmpty;

    /// <summary>How many columns it has.</summary>
    public int Count => Memory.IsEmpty ? 0 : BinaryPrimitives.ReadInt16BigEndian(Memory.Span);

    /// <summary>Whether a large value wasn't sent.</summary>
    internal bool HasUnchanged
    {
        get
        {
            foreach (var value in this)
                if (value.Kind == ValueKind.Unchanged) return true;
            return false;
        }
    }

    /// <summary>Goes through the values in the order of the columns.</summary>
    public Enumerator GetEnumerator() => new(Memory.Span);

    /// <summary>The kinds of a value.</summary>
    public enum ValueKind : byte
    {
        /// <summary>NULL.</summary>
        Null = (byte)'n',

        /// <summary>A large value that did not change and was not sent.</summary>
        Unchanged = (byte)'u',

        /// <summary>A value in text form.</summary>
        Text = (byte)'t',

        /// <summary>A value in binary form.</summary>
        Binary = (byte)'b',
    }

    /// <summary>One value.</summary>
    public readonly ref struct Value(ValueKind kind, ReadOnlySpan<byte> bytes)
    {
        /// <summary>What it is.</summary>
        public ValueKind Kind { get; } = kind;

        /// <summary>Its UTF-8 text; empty unless <see cref="Kind"/> is text.</summary>
        public ReadOnlySpan<byte> Bytes { get; } = bytes;
    }

    /// <summary>Goes through the values of a tuple.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes.IsEmpty ? bytes : bytes[2..];

        /// <summary>The value that <see cref="MoveNext"/> reached.</summary>
        public Value Current { get; private set; }

        /// <summary>Goes to the next value; false behind the last.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            var kind = (ValueKind)_rest[0];
            if (kind is ValueKind.Null or ValueKind.Unchanged)
            {
                Current = new Value(kind, default);
                _rest = _rest[1..];
                return true;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(_rest[1..]);
            Current = new Value(kind, _rest.Slice(5, length));
            _rest = _rest[(5 + length)..];
            return true;
        }
    }
}
