using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace Pathway.Tests.Integration.Faults;

/// <summary>An independent reading of a database's changes: a logical slot of its own with Postgres' <c>test_decoding</c> plugin, parsed here.</summary>
internal sealed partial class TestDecoding(string connection, string slot)
{
    /// <summary>One change: the table, what happened, the old key where it was sent, the columns of the new row (of the key for a delete).</summary>
    public sealed record Change(string Table, char Op, IReadOnlyDictionary<string, string?>? OldKey, IReadOnlyDictionary<string, string?> Columns);

    public async Task CreateAsync()
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var create = source.CreateCommand("SELECT pg_create_logical_replication_slot($1, 'test_decoding')");
        create.Parameters.AddWithValue(slot);
        await create.ExecuteNonQueryAsync();
    }

    /// <summary>All changes since the slot was made, in commit order.</summary>
    public async Task<List<Change>> ReadAsync()
    {
        var changes = new List<Change>();
        await using var source = NpgsqlDataSource.Create(connection);
        await using var peek = source.CreateCommand("SELECT data FROM pg_logical_slot_peek_changes($1, NULL, NULL, 'include-xids', '0')");
        peek.Parameters.AddWithValue(slot);
        peek.CommandTimeout = 300;
        await using var reader = await peek.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            if (Parse(reader.GetString(0)) is { } change) changes.Add(change);
        return changes;
    }

    /// <summary>Reads a line such as <c>table public.orders: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:2 note[text]:'it''s'</c>; null for BEGIN, COMMIT and messages.</summary>
    internal static Change? Parse(string line)
    {
        var head = Head().Match(line);
        if (!head.Success) return null;
        var table = $"{head.Groups["schema"].Value}.{head.Groups["name"].Value}".Replace("\"", "");
        var rest = line[head.Length..];
        IReadOnlyDictionary<string, string?>? old = null;
        if (rest.StartsWith("old-key: ", StringComparison.Ordinal))
        {
            var at = "old-key: ".Length;
            old = Columns(rest, ref at);
            rest = rest[(at + "new-tuple: ".Length)..];
        }

        var start = 0;
        return new Change(table, char.ToLowerInvariant(head.Groups["op"].Value[0]) == 'i' ? 'c' : char.ToLowerInvariant(head.Groups["op"].Value[0]), old, Columns(rest, ref start));
    }

    // Stops in front of "new-tuple: ".
    private static Dictionary<string, string?> Columns(string text, ref int at)
    {
        var columns = new Dictionary<string, string?>();
        while (at < text.Length && !text.AsSpan(at).StartsWith("new-tuple: "))
        {
            var bracket = text.IndexOf('[', at);
            var name = text[at..bracket].Trim('"');
            at = text.IndexOf("]:", bracket, StringComparison.Ordinal) + 2;
            columns[name] = Value(text, ref at);
            if (at < text.Length && text[at] == ' ') at++;
        }

        return columns;
    }

    private static string? Value(string text, ref int at)
    {
        if (text[at] != '\'')
        {
            var end = text.IndexOf(' ', at);
            var bare = end < 0 ? text[at..] : text[at..end];
            at += bare.Length;
            return bare == "null" ? null : bare;
        }

        var value = new StringBuilder();
        for (at++; ; at++)
        {
            if (text[at] == '\'' && at + 1 < text.Length && text[at + 1] == '\'') at++;
            else if (text[at] == '\'') break;
            value.Append(text[at]);
        }

        at++;
        return value.ToString();
    }

    [GeneratedRegex("""^table (?<schema>"[^"]+"|[^.]+)\.(?<name>"[^"]+"|[^:]+): (?<op>INSERT|UPDATE|DELETE): """)]
    private static partial Regex Head();
}
