using System.Globalization;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Tests.Integration.Compliance;

namespace Pathway.Tests.Integration.Files;

/// <summary>A folder to which files come does what every source does. Each append is some more files.</summary>
[Trait("suite", "integration")]
public sealed class FolderSourceComplianceTests : SourceCompliance<Upsert<FileLine, string>>
{
    private const int RowsOfFile = 400;
    private readonly string _folder = Directory.CreateTempSubdirectory("pathway-folder-").FullName;
    private int _files;

    protected override ISource<Upsert<FileLine, string>> Bounded => Connectors.Files.Folder(_folder, "*.txt", FileForm.Text, new FileReading { LookEvery = TimeSpan.FromMilliseconds(10) });

    protected override ISource<Upsert<FileLine, string>> Endless => Connectors.Files.Folder(_folder, "*.txt", FileForm.Text, new FileReading { Follow = true, LookEvery = TimeSpan.FromMilliseconds(10) });

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override string TextOf(Upsert<FileLine, string> row) => row.Row!;

    protected override async Task AppendAsync(IReadOnlyList<string> rows)
    {
        foreach (var lines in rows.Chunk(RowsOfFile))
            await File.WriteAllLinesAsync(Path.Combine(_folder, (_files++).ToString("00000", CultureInfo.InvariantCulture) + ".txt"), lines);
    }
}
