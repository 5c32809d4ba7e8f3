using System.Text;

namespace Pathway.Tests.Integration.Golden;

/// <summary>The SQL of a recorded scenario, as steps.</summary>
internal sealed class ScenarioScript
{
    private ScenarioScript(IReadOnlyList<Step> setup, IReadOnlyList<Step> steps) => (Setup, Steps) = (setup, steps);

    /// <summary>One step: a statement of a session, or the demand that everything before it has been read.</summary>
    /// <param name="Session">The session's name.</param>
    /// <param name="Statement">The statement; null where everything before has to be read first.</param>
    public readonly record struct Step(string Session, string? Statement);

    /// <summary>What is done before reading begins.</summary>
    public IReadOnlyList<Step> Setup { get; }

    /// <summary>What is done while the stream is read.</summary>
    public IReadOnlyList<Step> Steps { get; }

    /// <summary>Reads the text of scenario.sql. Waits for the recorder's clock (<c>@sleep</c>) mean nothing here.</summary>
    public static ScenarioScript Parse(string sql)
    {
        var parts = new Dictionary<string, List<Step>> { ["setup"] = [], ["steps"] = [] };
        var (part, session) = (parts["setup"], "main");
        var text = new StringBuilder();
        foreach (var line in sql.Split('\n'))
        {
            if (!line.StartsWith("-- @", StringComparison.Ordinal))
            {
                text.Append(line).Append('\n');
                continue;
            }

            Flush();
            var words = line[4..].Trim().Split(' ');
            if (parts.TryGetValue(words[0], out var named)) part = named;
            else if (words[0] == "session") session = words[1];
            else if (words[0] == "sync") part.Add(new Step(session, null));
        }

        Flush();
        return new ScenarioScript(parts["setup"], parts["steps"]);

        void Flush()
        {
            foreach (var statement in Statements(text.ToString())) part.Add(new Step(session, statement));
            text.Clear();
        }
    }

    /// <summary>Cuts at semicolons that stand outside of quotes and comments: sent as one text, statements would be one transaction.</summary>
    private static IEnumerable<string> Statements(string sql)
    {
        var begin = 0;
        for (var at = 0; at < sql.Length; at++)
        {
            if (sql[at] is '\'' or '"') at = EndOfQuote(sql, at);
            else if (sql.AsSpan(at).StartsWith("--")) at = sql.IndexOf('\n', at);
            else if (sql[at] == ';')
            {
                yield return sql[begin..at].Trim();
                begin = at + 1;
            }
        }

        if (!string.IsNullOrWhiteSpace(sql[begin..])) yield return sql[begin..].Trim();
    }

    private static int EndOfQuote(string sql, int at)
    {
        var hasEscapes = at > 0 && sql[at - 1] is 'E' or 'e';
        var quote = sql[at];
        for (at++; sql[at] != quote; at++)
            if (hasEscapes && sql[at] == '\\') at++;
        return at;
    }
}
