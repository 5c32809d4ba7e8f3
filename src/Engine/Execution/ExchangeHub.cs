using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>The exchanges between the workers of a circuit. Used while the circuit is made.</summary>
internal sealed class ExchangeHub(int workers) : IDisposable
{
    private readonly Dictionary<(Node Node, int Number), Exchange> _exchanges = [];
    private readonly StateStore?[] _nowhere = new StateStore?[workers];

    /// <summary>How many workers there are.</summary>
    public int Workers => workers;

    /// <summary>State of operators that get no rows on worker <paramref name="worker"/>.</summary>
    public StateStore NowhereOf(int worker) => _nowhere[worker] ??= new StateStore(null, new StateOptions());

    /// <summary>The exchange of number <paramref name="number"/> in front of <paramref name="node"/>: made by the first worker that asks, the same for the others.</summary>
    public TExchange Of<TExchange>(Node node, int number, Func<int, TExchange> make)
        where TExchange : Exchange
    {
        if (_exchanges.TryGetValue((node, number), out var known)) return (TExchange)known;
        var exchange = make(workers);
        _exchanges.Add((node, number), exchange);
        return exchange;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var states in _nowhere) states?.Dispose();
    }
}
