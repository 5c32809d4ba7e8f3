using System.Text;
using Pathway.Core;

namespace Pathway.Connectors.Debezium;

/// <summary>Reads hstore as Postgres prints it: "key"=&gt;"value", "other"=&gt;NULL.</summary>
internal static class HstoreText
{
    /// <summary>The entries in the order in which a Java HashMap of them iterates, which is Debezium's order.</summary>
    public static List<KeyValuePair<string, string?>> Read(ReadOnlySpan<byte> text)
    {
        var entries = new List<KeyValuePair<string, string?>>();
        var rest = Encoding.UTF8.GetString(text).AsSpan();
        while (!rest.IsEmpty)
        {
            var key = Quoted(ref rest);
            if (!rest.StartsWith("=>")) throw Unreadable();
            rest = rest[2..];
            string? value = null;
            if (rest.StartsWith("NULL")) rest = rest[4..];
            else value = Quoted(ref rest);
            entries.Add(new(key, value));
            if (rest.StartsWith(", ")) rest = rest[2..];
            else if (!rest.IsEmpty) throw Unreadable();
        }

        return JavaHashOrder.Of(entries, entry => entry.Key);
    }

    private static string Quoted(ref ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty || rest[0] != '"') throw Unreadable();
        var text = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                return text.ToString();
            }

            if (rest[i] == '\\') i++;
            if (i < rest.Length) text.Append(rest[i]);
        }

        throw Unreadable();
    }

    private static BadDataException Unreadable() => new("An hstore value isn't in the form that Postgres prints: \"key\"=>\"value\", \"other\"=>NULL.");
}
