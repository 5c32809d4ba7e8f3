using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Tests.Integration.Compliance;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Files;

/// <summary>The file target does what every target does, for readers that know how much is delivered; and it refuses files that it can't answer for.</summary>
[Trait("suite", "integration")]
public sealed class FileTargetTests : TargetCompliance
{
    private readonly string _folder = RunFolder.NewFolder("files");

    protected override TestRow? Oversized => null;

    protected override bool Fences => false;

    protected override ITargetFactory Factory => new FileTargetFactory(_folder, "files");

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    protected override string Destination(string name) => $"{name}.jsonl";

    protected override async Task<IReadOnlyList<TestRow>> ReadAsync(string destination)
    {
        var bytes = Recorded is { } recorded && File.Exists(Path.Combine(_folder, destination)) ? await File.ReadAllBytesAsync(Path.Combine(_folder, destination), Stop) : [];
        var delivered = Recorded is null ? 0 : (int)Pathway.Connectors.Files.DeliveredLength(Recorded.Value, destination);
        return [.. Encoding.UTF8.GetString(bytes, 0, delivered).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => ToRow(destination, line))];
    }

    [Fact]
    public async Task Claim_LinesThatAreNotOnRecord_AreTakenBack()
    {
        var target = await OpenAndClaimAsync();
        TestRow kept = new(Destination("a"), "1", "one"), late = new(Destination("b"), "1", "late");
        await DeliverAsync(target, [kept]);
        var recorded = Recorded;
        await DeliverAsync(target, [new(Destination("a"), "2", "not on record"), late]);
        await target.DisposeAsync();
        Recorded = recorded;
        var next = await OpenAndClaimAsync();
        Assert.Equal(DeliveredLength("a"), new FileInfo(PathOf("a")).Length);
        await DeliverAsync(next, [late]);
        await AssertVisibleAsync(Destination("a"), [kept]);
        await AssertVisibleAsync(Destination("b"), [late]);
        Assert.Equal(DeliveredLength("b"), new FileInfo(PathOf("b")).Length);
    }

    [Fact]
    public async Task Claim_KilledBeforeAnythingWasRecorded_BeginsAnew()
    {
        var target = await OpenAndClaimAsync(Destination("a"));
        await DeliverAsync(target, [new(Destination("a"), "1", "not on record")]);
        await target.DisposeAsync();
        Recorded = null;
        await OpenAndClaimAsync(Destination("a"));
        Assert.Equal(0, new FileInfo(PathOf("a")).Length);
    }

    [Fact]
    public async Task Claim_SomebodyElsesLines_AreRefusedAndStay()
    {
        await File.WriteAllTextAsync(PathOf("a"), "precious\n", Stop);
        var refusal = await Assert.ThrowsAsync<RefusalException>(() => OpenAndClaimAsync(Destination("a")));
        Assert.Contains("isn't empty", refusal.Message, StringComparison.Ordinal);
        var target = await OpenAndClaimAsync();
        await Assert.ThrowsAsync<RefusalException>(() => DeliverAsync(target, [new(Destination("a"), "1", "one")]));
        Assert.Equal("precious\n", await File.ReadAllTextAsync(PathOf("a"), Stop));
    }

    [Fact]
    public async Task Claim_OutputMissing_IsRefused()
    {
        var target = await OpenAndClaimAsync();
        await DeliverAsync(target, [new(Destination("a"), "1", "one")]);
        await target.DisposeAsync();
        File.Delete(PathOf("a"));
        var refusal = await Assert.ThrowsAsync<RefusalException>(() => OpenAndClaimAsync());
        Assert.Contains("lost output", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claim_FilesOfAnotherPipeline_AreRefused()
    {
        await DeliverAsync(await OpenAndClaimAsync(), [new(Destination("a"), "1", "one")]);
        await using var other = Factory.Open(new TargetContext("other", PipelineId.New(), [Destination("a")], NullLogger.Instance, TimeProvider.System));
        Assert.Contains("another pipeline", (await Assert.ThrowsAsync<RefusalException>(() => other.ClaimAsync(null, Stop).AsTask())).Message, StringComparison.Ordinal);
    }

    private static TestRow ToRow(string destination, string line)
    {
        if (!line.StartsWith("{\"key\":", StringComparison.Ordinal)) return new TestRow(destination, null, line);
        var middle = line.IndexOf(",\"row\":", StringComparison.Ordinal);
        var value = line[(middle + 7)..^1];
        return new TestRow(destination, line[7..middle], value == "null" ? null : value);
    }

    private string PathOf(string name) => Path.Combine(_folder, Destination(name));

    private long DeliveredLength(string name) => Pathway.Connectors.Files.DeliveredLength(Recorded!.Value, PathOf(name));
}
