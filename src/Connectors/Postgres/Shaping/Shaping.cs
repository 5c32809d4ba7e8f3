using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Sinks that carry a part of each table.</summary>
public static class Shaping
{
    /// <summary>The same sink, with <paramref name="rules"/> for some tables.</summary>
    /// <param name="sink">Where change events go.</param>
    /// <param name="rules">At most one may concern a table.</param>
    public static StreamSink<ChangeEvent> Shaped(this StreamSink<ChangeEvent> sink, IReadOnlyList<TableRules> rules) => rules.Count == 0
        ? sink
        : sink with { Formatter = new ShapingFormatter(sink.Formatter, rules), Description = $"{sink.Description}; of {string.Join("; of ", rules)}" };

    /// <summary>The rules for a table; null for none.</summary>
    /// <exception cref="BadDataException">Several concern it.</exception>
    internal static TableRules? For(IReadOnlyList<TableRules> rules, PgTable table)
    {
        var found = rules.Where(r => TablePattern.Matches([r.Table], table.FullName)).ToList();
        return found.Count <= 1 ? found.FirstOrDefault() : throw new BadDataException($"Table {table.FullName} is meant by the rules for {string.Join(" and ", found.Select(r => $"'{r.Table}'"))}. Let one of them name it.");
    }
}
