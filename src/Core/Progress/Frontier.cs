using System.Collections.Immutable;
using System.Text.Json;

namespace Pathway.Core;

/// <summary>The positions of all source partitions at one moment. Immutable; compared by content.</summary>
public sealed class Frontier : IEquatable<Frontier>
{
    private readonly ImmutableSortedDictionary<string, Position> _positions;

    private Frontier(ImmutableSortedDictionary<string, Position> positions) => _positions = positions;

    /// <summary>Before any input.</summary>
    public static Frontier Empty { get; } = new(ImmutableSortedDictionary.Create<string, Position>(StringComparer.Ordinal));

    /// <summary>Partition and position, in the order of the partitions' names.</summary>
    public IReadOnlyDictionary<string, Position> Positions => _positions;

    /// <summary>Where <paramref name="partition"/> stands; null if nothing of it has been read.</summary>
    public Position? this[string partition] => _positions.TryGetValue(partition, out var position) ? position : null;

    /// <summary>This frontier with <paramref name="partition"/> at <paramref name="position"/>.</summary>
    public Frontier With(string partition, Position position) => new(_positions.SetItem(partition, position));

    /// <summary>What it says of <paramref name="partitions"/> alone.</summary>
    public Frontier Only(IReadOnlyCollection<string> partitions) => new(_positions.RemoveRange(_positions.Keys.Where(p => !partitions.Contains(p))));

    /// <summary>A JSON object of partition and position.</summary>
    public string ToJson() => JsonSerializer.Serialize(_positions.ToDictionary(p => p.Key, p => p.Value.Text));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static Frontier FromJson(string json)
    {
        var texts = JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [];
        return new(texts.ToImmutableSortedDictionary(t => t.Key, t => new Position(t.Value), StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public bool Equals(Frontier? other) => other is not null && _positions.Count == other._positions.Count && _positions.All(p => other[p.Key] == p.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Frontier);

    /// <inheritdoc/>
    public override int GetHashCode() => _positions.Aggregate(17, (hash, p) => HashCode.Combine(hash, p.Key, p.Value));

    /// <inheritdoc/>
    public override string ToString() => _positions.Count == 0 ? "(start)" : string.Join(", ", _positions.Select(p => $"{p.Key} at {p.Value}"));
}
