using System.Text;

namespace Pathway.Cli;

/// <summary>Writes YAML with comments.</summary>
internal sealed class SyncFileWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>What was written.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>A comment, broken into lines.</summary>
    public void Comment(string text)
    {
        foreach (var line in Lines(text, 110)) _text.Append(' ', _depth * 2).Append("# ").Append(line).Append('\n');
    }

    /// <summary>An empty line.</summary>
    public void Space() => _text.Append('\n');

    /// <summary>Begins a group of keys.</summary>
    public void Begin(string key)
    {
        _text.Append(' ', _depth++ * 2).Append(key).Append(":\n");
    }

    /// <summary>Ends it.</summary>
    public void End() => _depth--;

    /// <summary>A key with a value.</summary>
    public void Value(string key, string value) => _text.Append(' ', _depth * 2).Append(Scalar(key)).Append(": ").Append(Scalar(value)).Append('\n');

    /// <summary>A key with a list.</summary>
    public void List(string key, IEnumerable<string> values) => _text.Append(' ', _depth * 2).Append(key).Append(": [").AppendJoin(", ", values.Select(Quoted)).Append("]\n");

    private static string Scalar(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/') && !char.IsAsciiDigit(text[0]) && text[0] is not ('.' or '-') ? text : Quoted(text);

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static IEnumerable<string> Lines(string text, int width)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + word.Length + 1 > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }

        yield return line.ToString();
    }
}
