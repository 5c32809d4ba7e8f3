using System.Text;
using Pathway.Core;

namespace Pathway.Tests.Integration.Compliance;

/// <summary>A row for a target, as text.</summary>
public sealed record TestRow(string Destination, string? Key, string? Value);

/// <summary>Rows and a marker for one delivery.</summary>
internal sealed class TestBatch(IReadOnlyList<TestRow> rows, Marker marker) : IDeliveryBatch
{
    private int _next;

    /// <summary>Called before a row is given, with its number.</summary>
    public Action<int>? BeforeRow { get; init; }

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
        row = new OutputRow
        {
            Destination = next.Destination, HasKey = next.Key is not null, HasValue = next.Value is not null,
            Key = Encoding.UTF8.GetBytes(next.Key ?? ""), Value = Encoding.UTF8.GetBytes(next.Value ?? ""),
        };
        return true;
    }

    public void Stop() => IsStopped = true;
}
