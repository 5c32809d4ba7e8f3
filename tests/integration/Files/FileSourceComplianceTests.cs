using System.Text.Json;
using Pathway.Connectors;
using Pathway.Tests.Integration.Compliance;

namespace Pathway.Tests.Integration.Files;

/// <summary>A file of any form does what every source does.</summary>
public abstract class FileSourceCompliance<TRow>(FileForm<TRow> form, string header = "") : SourceCompliance<TRow>
{
    private readonly string _path = Path.GetTempFileName();

    protected override ISource<TRow> Bounded => Connectors.Files.Stream(_path, form);

    protected override ISource<TRow> Endless => Connectors.Files.Stream(_path, form, new FileReading { Follow = true, LookEvery = TimeSpan.FromMilliseconds(10) });

    public override async ValueTask InitializeAsync() => await File.WriteAllTextAsync(_path, header);

    public override ValueTask DisposeAsync()
    {
        File.Delete(_path);
        return ValueTask.CompletedTask;
    }

    protected abstract string LineOf(string text);

    protected override Task AppendAsync(IReadOnlyList<string> rows) => File.AppendAllLinesAsync(_path, rows.Select(LineOf));
}

/// <summary>JSON lines.</summary>
[Trait("suite", "integration")]
public sealed class JsonFileSourceComplianceTests() : FileSourceCompliance<string>(FileForm.Json<string>())
{
    protected override string TextOf(string row) => row;

    protected override string LineOf(string text) => JsonSerializer.Serialize(text);
}

/// <summary>CSV whose rows have line breaks inside of quotes.</summary>
[Trait("suite", "integration")]
public sealed class CsvFileSourceComplianceTests() : FileSourceCompliance<CsvFileSourceComplianceTests.Row>(FileForm.Csv<Row>(), "note,text\n")
{
    public sealed record Row(string Text, string Note);

    protected override string TextOf(Row row) => row.Text;

    protected override string LineOf(string text) => $"\"of \"\"two\"\"\nlines\",{text}";
}

/// <summary>Plain text.</summary>
[Trait("suite", "integration")]
public sealed class TextFileSourceComplianceTests() : FileSourceCompliance<string>(FileForm.Text)
{
    protected override string TextOf(string row) => row;

    protected override string LineOf(string text) => text;
}

/// <summary>Text at the pace of a time, which here is always the same.</summary>
[Trait("suite", "integration")]
public sealed class ReplayedFileSourceComplianceTests : SourceCompliance<string>
{
    private readonly string _path = Path.GetTempFileName();

    protected override ISource<string> Bounded => Connectors.Files.Replay(_path, FileForm.Text, _ => DateTimeOffset.UnixEpoch);

    protected override ISource<string>? Endless => null;

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync()
    {
        File.Delete(_path);
        return ValueTask.CompletedTask;
    }

    protected override string TextOf(string row) => row;

    protected override Task AppendAsync(IReadOnlyList<string> rows) => File.AppendAllLinesAsync(_path, rows);
}
