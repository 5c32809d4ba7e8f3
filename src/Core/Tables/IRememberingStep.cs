namespace Pathway.Core;

/// <summary>What a step over a stream remembers from event to event: part of the pipeline's state, and as durable as that.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">What stands under it; a row type.</typeparam>
public interface IMemory<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The value under <paramref name="key"/>.</summary>
    bool TryGet(in TKey key, out TValue value);

    /// <summary>From now on <paramref name="value"/> stands under <paramref name="key"/>.</summary>
    void Set(in TKey key, in TValue value);

    /// <summary>Nothing stands under <paramref name="key"/> any more. Whether something did.</summary>
    bool Remove(in TKey key);

    /// <summary>Every key and value, in no order; nothing may change meanwhile. Reads all of the state.</summary>
    IEnumerable<KeyValuePair<TKey, TValue>> All();
}

/// <summary>Takes the events that a step gives.</summary>
/// <typeparam name="TEvent">The events.</typeparam>
public interface IEventOutput<TEvent>
{
    /// <summary>Gives an event on.</summary>
    void Add(in TEvent row);
}

/// <summary>A step over the events of a stream, one by one and in order, that may remember something between them.</summary>
/// <remarks>Between two events it holds nothing that isn't in the memory or can be made from it again.</remarks>
/// <typeparam name="TEvent">The events.</typeparam>
/// <typeparam name="TKey">The keys of what it remembers.</typeparam>
/// <typeparam name="TValue">What it remembers.</typeparam>
public interface IRememberingStep<TEvent, TKey, TValue>
    where TKey : notnull
{
    /// <summary>Takes an event, and gives none, one or some.</summary>
    void Take(in TEvent row, IMemory<TKey, TValue> memory, IEventOutput<TEvent> output);
}
