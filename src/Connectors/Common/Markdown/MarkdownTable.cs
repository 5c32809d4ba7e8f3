using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A row of a table written as text, and when it comes or goes.</summary>
/// <param name="Time">The column <c>__time</c>: rows of one time come together. Without it 0.</param>
/// <param name="Diff">The column <c>__diff</c>: how often it comes (positive) or goes (negative). Without it 1.</param>
/// <param name="Row">The row.</param>
public readonly record struct MarkdownRow<TRow>(long Time, long Diff, TRow Row);

/// <summary>Tables as people write them: columns between bars, names in the first line.</summary>
/// <remarks>
/// <code>
/// | Customer | Amount | __time | __diff |
/// |----------|--------|--------|--------|
/// | ann      | 5      | 1      |        |
/// | ann      | 5      | 2      | -1     |
/// </code>
/// The outer bars and the line below the names may be left out. Columns are found by their names, whatever their case and without underscores. An empty cell is null, of a number that can't be null an error; a text
/// may stand in double quotes, so that it can be empty, begin or end with a blank, or hold a bar.
/// </remarks>
public static class MarkdownTable
{
    private const string Time = "__time", Diff = "__diff";

    /// <summary>The rows of <paramref name="text"/>.</summary>
    /// <exception cref="ConfigurationException">A column or a cell doesn't fit the row; the message names the line.</exception>
    public static IReadOnlyList<MarkdownRow<TRow>> Parse<TRow>(string text)
    {
        var lines = text.Split('\n').Select((line, at) => (Text: line.Trim(), Number: at + 1)).Where(l => l.Text.Length > 0).ToList();
        if (lines.Count == 0) throw new ConfigurationException("The table has no line with the names of its columns.");
        var hasBar = lines[0].Text.StartsWith('|');    // where it has none, a line may begin with an empty cell
        var names = Cells(lines[0].Text, hasBar).Select(c => c.Text).ToList();
        var read = Reader<TRow>([.. names.Where(n => n is not (Time or Diff))]);
        var rows = new List<MarkdownRow<TRow>>();
        foreach (var (line, number) in lines.Skip(1))
        {
            if (line.All(c => c is '|' or '-' or ':' or ' ')) continue;
            var cells = Cells(line, hasBar);
            if (cells.Count != names.Count) throw new ConfigurationException($"Line {number} of the table has {cells.Count} cells, but there are {names.Count} columns: {string.Join(", ", names)}.");
            var (time, diff) = (Whole(cells, names, Time, number, 0), Whole(cells, names, Diff, number, 1));
            rows.Add(new(time, diff, read([.. cells.Where((_, i) => names[i] is not (Time or Diff))], number)));
        }

        return rows;
    }

    /// <summary>Rows as a table.</summary>
    public static string Write<TRow>(IEnumerable<TRow> rows)
    {
        var members = IsScalar(typeof(TRow)) ? [] : typeof(TRow).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0).ToArray();
        List<string[]> lines = members.Length == 0 ? [["value"]] : [[.. members.Select(m => m.Name)]];
        foreach (var row in rows) lines.Add(members.Length == 0 ? [CellOf(row)] : [.. members.Select(m => CellOf(m.GetValue(row)))]);
        var widths = Enumerable.Range(0, lines[0].Length).Select(c => lines.Max(l => l[c].Length)).ToArray();
        lines.Insert(1, [.. widths.Select(w => new string('-', w))]);
        var text = new StringBuilder();
        foreach (var line in lines) text.Append("| ").AppendJoin(" | ", line.Select((cell, c) => cell.PadRight(widths[c]))).AppendLine(" |");
        return text.ToString();
    }

    private static string CellOf(object? value)
    {
        if (value is not string text) return Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.Length == 0 || text != text.Trim() || text.Contains('|', StringComparison.Ordinal) || text.StartsWith('"') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    private static List<(string Text, bool IsQuoted)> Cells(string line, bool hasBar)
    {
        var cells = new List<(string, bool)>();
        var at = hasBar && line.StartsWith('|') ? 1 : 0;
        while (at <= line.Length)
        {
            while (at < line.Length && line[at] == ' ') at++;
            if (at < line.Length && line[at] == '"')
            {
                var end = line.IndexOf('"', at + 1);
                while (end >= 0 && end + 1 < line.Length && line[end + 1] == '"') end = line.IndexOf('"', end + 2);
                if (end < 0) throw new ConfigurationException($"A text in double quotes doesn't end in the line {line}.");
                cells.Add((line[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal), true));
                at = line.IndexOf('|', end) is var bar and >= 0 ? bar + 1 : line.Length + 1;
            }
            else
            {
                var end = line.IndexOf('|', at) is var bar and >= 0 ? bar : line.Length;
                cells.Add((line[at..end].Trim(), false));
                at = end + 1;
            }

            if (at == line.Length && hasBar && line.EndsWith('|')) break;
        }

        return cells;
    }

    private static long Whole(List<(string Text, bool IsQuoted)> cells, List<string> names, string column, int number, long without)
    {
        var at = names.IndexOf(column);
        if (at < 0 || cells[at].Text.Length == 0) return without;
        return long.TryParse(cells[at].Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw new ConfigurationException($"Line {number} of the table has '{cells[at].Text}' as {column}; a whole number is needed.");
    }

    private static bool IsScalar(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? IsScalar(inner)
        : type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(Guid) || type.Namespace == "System" && TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string));

    private static Func<List<(string Text, bool IsQuoted)>, int, TRow> Reader<TRow>(List<string> names)
    {
        var type = typeof(TRow);
        if (IsScalar(type))
        {
            if (names.Count != 1) throw new ConfigurationException($"A table of {type.Name} has one column; this one has {names.Count}: {string.Join(", ", names)}.");
            return (cells, number) => (TRow)Value(cells[0], type, names[0], number)!;
        }

        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length) ?? throw new ConfigurationException($"{type.Name} has no public constructor; write it as a positional record.");
        var parameters = constructor.GetParameters();
        var places = parameters.Select(p => names.FindIndex(n => Plain(n) == Plain(p.Name!))).ToArray();
        if (places.Contains(-1) || names.Count != parameters.Length)
            throw new ConfigurationException($"{type.Name} has the members {string.Join(", ", parameters.Select(p => p.Name))}; the table has the columns {string.Join(", ", names)}.");
        return (cells, number) => (TRow)constructor.Invoke([.. parameters.Select((p, i) => Value(cells[places[i]], p.ParameterType, p.Name!, number))]);
    }

    private static object? Value((string Text, bool IsQuoted) cell, Type type, string name, int number)
    {
        if (cell is { Text.Length: 0, IsQuoted: false } && (!type.IsValueType || Nullable.GetUnderlyingType(type) is not null)) return null;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return cell.Text;
        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(cell.Text);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new ConfigurationException($"Line {number} of the table has '{cell.Text}' as {name}, which can't be read as {type.Name}.", e);
        }
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
