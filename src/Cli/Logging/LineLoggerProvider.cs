using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Pathway.Cli;

/// <summary>Writes each log entry as one line, at once: what was logged before a kill is there after it.</summary>
/// <remarks>Any thread may log; lines don't mix.</remarks>
internal sealed class LineLoggerProvider(TextWriter writer, LogForm form, LogLevel least, TimeProvider time) : ILoggerProvider
{
    private readonly Lock _writing = new();

    /// <summary>A factory with this provider alone.</summary>
    public static ILoggerFactory Factory(TextWriter writer, LogForm form, bool debug) =>
        LoggerFactory.Create(builder => builder
            .SetMinimumLevel(debug ? LogLevel.Debug : LogLevel.Information)
            .AddProvider(new LineLoggerProvider(writer, form, debug ? LogLevel.Debug : LogLevel.Information, TimeProvider.System)));

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    /// <inheritdoc/>
    public void Dispose() => writer.Flush();

    private void Write(string line)
    {
        lock (_writing) writer.WriteLine(line);
    }

    private string TextLine(LogLevel level, string message, Exception? exception)
    {
        var line = new StringBuilder();
        line.Append(time.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)).Append(' ').Append(Word(level).PadRight(7)).Append(' ').Append(message);
        if (exception is not null) line.Append(least <= LogLevel.Debug ? Environment.NewLine + exception : $" ({exception.Message})");
        return line.ToString();
    }

    private string JsonLine<TState>(LogLevel level, EventId id, string category, TState state, string message, Exception? exception)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("level", Word(level));
            json.WriteString("message", message);
            json.WriteString("category", category);
            if (id.Name is not null) json.WriteString("event", id.Name);
            if (state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 1 } fields) WriteFields(json, fields);
            if (exception is not null) json.WriteString("exception", least <= LogLevel.Debug ? exception.ToString() : exception.Message);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        json.WriteStartObject("fields");
        foreach (var (name, value) in fields)
        {
            if (name == "{OriginalFormat}") continue;
            json.WritePropertyName(name);
            switch (value)
            {
                case null: json.WriteNullValue(); break;
                case bool flag: json.WriteBooleanValue(flag); break;
                case int or long or uint or ulong or short or byte: json.WriteRawValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)); break;
                case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
                case TimeSpan span: json.WriteNumberValue(span.TotalSeconds); break;
                default: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
            }
        }

        json.WriteEndObject();
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        LogLevel.Critical => "fatal",
        _ => "info",
    };

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= provider.LeastLevel && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var message = formatter(state, exception);
            provider.Write(provider.Form == LogForm.Json
                ? provider.JsonLine(logLevel, eventId, category, state, message, exception)
                : provider.TextLine(logLevel, message, exception));
        }
    }

    private LogLevel LeastLevel => least;

    private LogForm Form => form;
}
