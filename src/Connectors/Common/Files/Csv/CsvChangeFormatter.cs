using System.Buffers;
using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A change as one line of CSV: the row's members, then <c>time</c> (the epoch) and <c>diff</c> (how often it came or went). The header goes with the first line, for the target to write where a file begins.</summary>
/// <typeparam name="TRow">The row.</typeparam>
public sealed class CsvChangeFormatter<TRow> : IChangeFormatter<TRow>
{
    private static readonly SearchValues<char> Special = SearchValues.Create("\",\r\n");
    private readonly string _destination;
    private readonly byte[] _header;
    private readonly Action<TRow, OutputBuffer> _write;
    private bool _headerSaid;

    /// <summary>For one file.</summary>
    /// <param name="destination">Its name.</param>
    /// <exception cref="ConfigurationException">The row has a member that is no single value, or one that is called <c>time</c> or <c>diff</c>.</exception>
    public CsvChangeFormatter(string destination)
    {
        var members = JsonRowMembers.Written(typeof(TRow)) ?? throw new ConfigurationException($"Rows of {typeof(TRow).Name} can't stand in CSV: use a plain record without JSON attributes of its own.");
        if (members.FirstOrDefault(m => m.Name is "time" or "diff") is { } taken)
            throw new ConfigurationException($"The row type {typeof(TRow).Name} has a member that stands as '{taken.Name}', where the change's own '{taken.Name}' goes. Select it under another name before the sink.");
        if (members.FirstOrDefault(m => CsvValue.ParserOf(m.Type) is null) is { } composite)
            throw new ConfigurationException($"The member {composite.Accessor.Name} of {typeof(TRow).Name} is {composite.Type.Name}, which is no single value, as CSV needs it. Select its parts before the sink.");
        (_destination, _write) = (destination, Compile(members));
        _header = Encoding.UTF8.GetBytes(string.Join(',', members.Select(m => m.Name).Append("time").Append("diff")));
    }

    /// <inheritdoc/>
    public void Format(in TRow row, long weight, Epoch time, OutputBuffer output)
    {
        output.BeginRow(output.Destination(_destination));
        output.BeginValue();
        _write(row, output);
        CsvWriter.Write((long)time.Value, output);
        output.Write(","u8);
        CsvWriter.Write(weight, output);
        if (!_headerSaid) output.AddHeader(LineFile.FirstLine, _header);
        _headerSaid = true;
        output.EndRow();
    }

    private static Action<TRow, OutputBuffer> Compile(IReadOnlyList<JsonRowMember> members)
    {
        var (row, output) = (Expression.Parameter(typeof(TRow), "row"), Expression.Parameter(typeof(OutputBuffer), "output"));
        var steps = members.SelectMany(m => (Expression[])
        [
            Expression.Call(typeof(CsvWriter), CsvWriter.MethodFor(m.Type), CsvWriter.MethodFor(m.Type) == nameof(CsvWriter.WriteValue) ? [m.Type] : null, Expression.MakeMemberAccess(row, m.Accessor), output),
            Expression.Call(typeof(CsvWriter), nameof(CsvWriter.Separate), null, output),
        ]);
        return Expression.Lambda<Action<TRow, OutputBuffer>>(Expression.Block(typeof(void), [.. steps, Expression.Empty()]), row, output).Compile();
    }

    private static class CsvWriter
    {
        public static string MethodFor(Type type) => type == typeof(string) ? nameof(WriteText) : type == typeof(long) ? nameof(Write) : nameof(WriteValue);

        public static void Separate(OutputBuffer output) => output.Write(","u8);

        public static void Write(long value, OutputBuffer output)
        {
            value.TryFormat(output.GetSpan(24), out var written, default, CultureInfo.InvariantCulture);
            output.Advance(written);
        }

        public static void WriteText(string? value, OutputBuffer output)
        {
            if (value is null) return; // nothing at all is null; an empty text has quotes
            if (value.Length == 0 || value.AsSpan().ContainsAny(Special) || value[0] == ' ' || value[^1] == ' ') value = $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
            output.Advance(Encoding.UTF8.GetBytes(value, output.GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length))));
        }

        public static void WriteValue<T>(T value, OutputBuffer output)
        {
            if (value is null) return;
            if (value is bool truth)
            {
                output.Write(truth ? "true"u8 : "false"u8);
                return;
            }

            var text = value is IFormattable formattable ? formattable.ToString(value is DateTime or DateTimeOffset or DateOnly or TimeOnly ? "O" : null, CultureInfo.InvariantCulture) : value.ToString()!;
            output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
        }
    }
}
