using System.Text.Json;
using Pathway.Connectors;
using Pathway.Tests.Integration.Compliance;

namespace Pathway.Tests.Integration.Files;

/// <summary>Files do what every source does.</summary>
[Trait("suite", "integration")]
public sealed class FileSourceComplianceTests : SourceCompliance
{
    private readonly string _path = Path.GetTempFileName();

    protected override ISource<string> Bounded => Connectors.Files.Stream<string>(_path);

    protected override ISource<string>? Endless => null;

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync()
    {
        File.Delete(_path);
        return ValueTask.CompletedTask;
    }

    protected override Task AppendAsync(IReadOnlyList<string> rows) => File.AppendAllLinesAsync(_path, rows.Select(r => JsonSerializer.Serialize(r)));
}
