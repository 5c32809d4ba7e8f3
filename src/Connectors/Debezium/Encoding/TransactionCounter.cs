using System.Buffers.Text;
using Pathway.Connectors.Postgres;

namespace Pathway.Connectors.Debezium;

/// <summary>Counts the events of a transaction, for those who want each event's place in it.</summary>
internal sealed class TransactionCounter
{
    private readonly Dictionary<string, long> _collections = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private PgTransaction? _transaction;

    /// <summary>How many events the transaction has so far.</summary>
    public long Total { get; private set; }

    /// <summary>The tables of those events with their numbers, in Debezium's order.</summary>
    public IReadOnlyList<(string Name, long Count)> Collections => [.. JavaHashOrder.Of([.. _names], name => name).Select(name => (name, _collections[name]))];

    /// <summary>Counts an event and gives its place.</summary>
    public EventPlace Count(PgTransaction transaction, string collection)
    {
        Enter(transaction);
        if (!_collections.TryGetValue(collection, out var order)) _names.Add(collection);
        _collections[collection] = ++order;
        return new EventPlace(++Total, order);
    }

    /// <summary>Begins anew for another transaction.</summary>
    public void Enter(PgTransaction transaction)
    {
        if (ReferenceEquals(transaction, _transaction) || transaction == _transaction) return;       // after a reconnect it is another object
        _transaction = transaction;
        Total = 0;
        _collections.Clear();
        _names.Clear();
    }

    /// <summary>Writes the id of a transaction, or of an event in it: its number, a colon, the place in the log.</summary>
    public static int WriteId(PgTransaction transaction, Lsn lsn, Span<byte> text)
    {
        Utf8Formatter.TryFormat(transaction.Xid, text, out var length);
        text[length++] = (byte)':';
        Utf8Formatter.TryFormat(lsn.Value, text[length..], out var written);
        return length + written;
    }
}

/// <summary>The place of an event in its transaction.</summary>
/// <param name="Total">Its number among all events, from 1; 0 for an event without such a place.</param>
/// <param name="InTable">Its number among those of its table, from 1.</param>
internal readonly record struct EventPlace(long Total, long InTable);
