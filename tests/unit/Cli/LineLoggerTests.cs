using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Pathway.Cli;

namespace Pathway.Tests.Unit.Cli;

[Trait("suite", "unit")]
public sealed class LineLoggerTests
{
    private readonly StringWriter _writer = new();

    [Fact]
    public void Log_Text_IsOneReadableLine()
    {
        Logger(LogForm.Text).LogWarning("Broker {Broker} is away", "localhost:9092");
        Assert.Equal($"2026-01-02 03:04:05.678 warning Broker localhost:9092 is away{Environment.NewLine}", _writer.ToString());
    }

    [Fact]
    public void Log_TextWithAnException_GivesItsSentenceAlone()
    {
        Logger(LogForm.Text).LogError(new InvalidOperationException("it broke"), "Failed");
        Assert.Equal($"2026-01-02 03:04:05.678 error   Failed (it broke){Environment.NewLine}", _writer.ToString());
    }

    [Fact]
    public void Log_Json_IsOneObjectALineWithItsFields()
    {
        Logger(LogForm.Json).Log(LogLevel.Information, new EventId(7, "rates"), null, "{Rows} rows\nin {Elapsed} from {Table}, {Nothing}", 12L, TimeSpan.FromSeconds(1.5), "a\"b", null);
        var line = Assert.Single(_writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal("2026-01-02T03:04:05.678Z", json.GetProperty("time").GetString());
        Assert.Equal(("info", "rates", "Some.Category"), (json.GetProperty("level").GetString(), json.GetProperty("event").GetString(), json.GetProperty("category").GetString()));
        Assert.Equal("12 rows\nin 00:00:01.5000000 from a\"b, (null)", json.GetProperty("message").GetString());
        Assert.Equal("""{"Rows":12,"Elapsed":1.5,"Table":"a\"b","Nothing":null}""", json.GetProperty("fields").GetRawText());
    }

    [Fact]
    public void Log_BelowTheLeastLevel_IsSilent()
    {
        Logger(LogForm.Text).LogDebug("detail");
        Assert.Empty(_writer.ToString());
    }

    private ILogger Logger(LogForm form)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));
        return new LineLoggerProvider(_writer, form, LogLevel.Information, time).CreateLogger("Some.Category");
    }
}
