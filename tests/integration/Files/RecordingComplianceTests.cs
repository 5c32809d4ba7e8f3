using Pathway.Connectors;
using Pathway.Core;
using Pathway.Tests.Integration.Compliance;

namespace Pathway.Tests.Integration.Files;

/// <summary>A recording that is replayed does what every source does. Each append is recorded from a file, from where the recording before it ended.</summary>
[Trait("suite", "integration")]
public sealed class RecordingComplianceTests : SourceCompliance<string>
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pathway-recording-").FullName;
    private Position? _recorded;

    protected override ISource<string> Bounded => Recording.Replay<string>(RecordingPath);

    protected override ISource<string>? Endless => null;

    private string RecordingPath => Path.Combine(_folder, "session.jsonl");

    private string LinesPath => Path.Combine(_folder, "lines.txt");

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override string TextOf(string row) => row;

    protected override async Task AppendAsync(IReadOnlyList<string> rows)
    {
        await File.AppendAllLinesAsync(LinesPath, rows);
        var read = await ReadToEndAsync(_recorded, Connectors.Files.Lines(LinesPath).RecordTo(RecordingPath));
        _recorded = read.Positions[^1].Position;
    }
}
