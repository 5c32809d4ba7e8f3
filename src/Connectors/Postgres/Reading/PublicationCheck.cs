using Npgsql;
using Pathway.Core;

namespace Pathway.Connectors.Postgres;

/// <summary>Whether a publication still sends what it sent when a position was taken, and did so all the time: at a start, and while its stream is read.</summary>
/// <remarks>The server decodes a change with the publication of that time, and says nothing of what it leaves out. So of tables whose publication was changed and changed back something may be missing, too.</remarks>
/// <param name="Refusal">Why going on would be a guess; null where it wouldn't.</param>
/// <param name="LeftOut">Tables that are published as they were, but weren't all the time.</param>
/// <param name="State">The publication.</param>
/// <param name="Tables">The tables that it has, as "schema.name".</param>
internal sealed record PublicationCheck(RefusalException? Refusal, IReadOnlyList<string> LeftOut, PublicationState? State, IReadOnlySet<string> Tables)
{
    /// <summary>Looks at it.</summary>
    /// <param name="connection">To the database.</param>
    /// <param name="options">The source.</param>
    /// <param name="demand">What is asked for.</param>
    /// <param name="tables">The tables that are there.</param>
    /// <param name="position">Where we stand.</param>
    /// <param name="isStart">Whether a stream is about to begin. One that is read tells itself of tables that go, and of rows that don't fit.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<PublicationCheck> FindAsync(NpgsqlConnection connection, PostgresOptions options, SourceDemand demand, List<FoundTable> tables, PostgresPosition position, bool isStart, CancellationToken stop)
    {
        var (name, state) = (options.PublicationName, await PublicationState.FindAsync(connection, options.PublicationName, stop).ConfigureAwait(false));
        var published = await PostgresCheck.PublishedAsync(connection, name, stop).ConfigureAwait(false);
        var (differences, leftOut) = (new List<string>(), new List<string>());
        var wasAltered = position.Publication is { } before && before != state?.Stamp;
        if (state is null) differences.Add($"publication '{name}' is gone");
        if (state is not null && position.Operations is { } operations && operations != state.Operations) differences.Add($"publication '{name}' sends {Or(state.Operations, "nothing")} where it sent {Or(operations, "nothing")}");
        foreach (var (table, identity) in position.Tables)
        {
            var now = tables.Find(t => t.FullName == table);
            if (now is null && isStart) differences.Add($"table {table} is gone or no longer asked for");
            if (now is null || published is null) continue;
            if (!published.Contains(table)) differences.Add($"table {table} was taken out of publication '{name}'");
            else if (position.Parts is { } parts && parts.GetValueOrDefault(table, "") is var part && now.PublishedPart != part) differences.Add($"of table {table} publication '{name}' has {Or(now.PublishedPart, "all")} where it had {Or(part, "all")}");
            else if (wasAltered || (position.Entries?.TryGetValue(table, out var entry) == true && entry != now.PublicationEntry)) leftOut.Add(table);
            if (IsWeaker(now.Identity, identity[0])) differences.Add($"table {table} has replica identity '{now.Identity}' where it had '{identity}'");
        }

        // Tables that weren't asked for before are taken up while streaming goes on, if they are published or we may do that.
        foreach (var table in tables.Where(t => isStart && !position.Tables.ContainsKey(t.FullName) && published?.Contains(t.FullName) == false && !(options.OwnsPublication && t.IsOwner)))
            differences.Add($"table {table.FullName} is asked for and wasn't before, and publication '{name}' doesn't hold it");
        if (isStart) differences.AddRange(demand.FindMisfits(connection, options, tables));
        var refusal = differences.Count == 0 ? null : new RefusalException(
            $"PostgreSQL {options.Place} doesn't publish what it did", string.Join("; ", differences), "the publication, tables, types and replica identities of before",
            "Bring it back to what it was: tables whose changes weren't sent in the meantime are loaded again then. Else begin anew with an empty state directory and another slot.");
        return new PublicationCheck(refusal, leftOut, state, published ?? []);
    }

    private static string Or(string text, string nothing) => text.Length == 0 ? nothing : text;

    // An index names other columns than the primary key: then a delete no longer says which row went.
    private static bool IsWeaker(char now, char before) => now != before && (now == 'n' || before == 'f' || (before == 'd' && now == 'i'));
}
