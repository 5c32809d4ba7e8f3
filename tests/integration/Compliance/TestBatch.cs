using System.Text;
using Pathway.Core;

namespace Pathway.Tests.Integration.Compliance;

/// <summary>A row for a target, as text.</summary>
public sealed record TestRow(string Destination, string? Key, string? Value);

/// <summary>Rows and a marker for one delivery.</summary>
internal sealed class TestBatch(IReadOnlyList<TestRow> rows, Marker marker) : IDeliveryBatch
{
    private int _next;

    /// <summary>The same rows and marker, to be given in another form.</summary>
    public TestBatch(TestBatch other)
        : this(other.Rows, other.Stated)
    {
    }

    private IReadOnlyList<TestRow> Rows => rows;

    private Marker Stated => marker;

    /// <summary>The bytes of a row's key and value; default: their UTF-8 text.</summary>
    public Func<TestRow, (byte[] Key, byte[] Value)> Encode { get; init; } = static row => (Encoding.UTF8.GetBytes(row.Key ?? ""), Encoding.UTF8.GetBytes(row.Value ?? ""));

    /// <summary>Whether a row has a key, and a value.</summary>
    public Func<TestRow, (bool Key, bool Value)> Has { get; init; } = static row => (row.Key is not null, row.Value is not null);

    /// <summary>Called before a row is given, with its number.</summary>
    public Action<int>? BeforeRow { get; set; }

    public bool IsStopped { get; private set; }

    /// <summary>Whether the last row was taken.</summary>
    public bool IsRead => _next == rows.Count;

    public Marker Marker
    {
        get
        {
            Assert.Equal(rows.Count, _next);
            return marker;
        }
    }

    public bool TryRead(out OutputRow row)
    {
        row = default;
        BeforeRow?.Invoke(_next);
        if (_next == rows.Count) return false;
        var next = rows[_next++];
        var ((key, value), has) = (Encode(next), Has(next));
        row = new OutputRow { Destination = next.Destination, HasKey = has.Key, HasValue = has.Value, Key = key, Value = value };
        return true;
    }

    public void Stop() => IsStopped = true;
}
