using System.Text.Json.Nodes;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>A state directory that isn't as the sync left it, each case on a copy of the same one: refused before anything is claimed.</summary>
[Trait("suite", "integration")]
public sealed class DirectoryRefusalTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output, DirectoryRefusalTests.SharedScene shared)
    : RefusalTest(postgres, kafka, output), IClassFixture<DirectoryRefusalTests.SharedScene>
{
    private static readonly Dictionary<string, (Action<SyncRun> Spoil, string Says)> CasesByName = new()
    {
        ["log damaged before its tail"] = (sync => Flip(Segments(sync)[0], 120), "the commit log is damaged"),
        ["log segment without its header"] = (sync => Flip(Segments(sync)[0], 4), "the commit log is damaged"),
        ["log segment truncated"] = (sync => Truncate(Segments(sync)[0], 200), "the commit log is damaged"),
        ["log begins too late"] = (sync => File.Delete(Segments(sync)[0]), "a file of the commit log is missing"),
        ["log lost its end"] = (sync => Flip(Segments(sync)[^1], -20), "The end of the commit log was lost"),
        ["log gone"] = (sync => Directory.Delete(Path.Combine(sync.State, "log"), recursive: true), "The end of the commit log was lost"),
        ["RocksDB's manifest damaged"] = (sync => Truncate(Directory.GetFiles(Path.Combine(sync.State, "state"), "MANIFEST-*")[0], 10), "is damaged"),
        ["manifest gone"] = (sync => File.Delete(Manifest(sync)), "without a manifest"),
        ["manifest cut off"] = (sync => Truncate(Manifest(sync), 50), "can't be read"),
        ["manifest of a later version"] = (sync => Edit(sync, m => m["version"] = 1 + m["version"]!.GetValue<int>()), "can't be read"),
        ["other pipeline under our name"] = (sync => Edit(sync, m => m["pipeline"] = Guid.NewGuid().ToString()), "a marker of another pipeline"),
        ["a start that this directory doesn't know"] = (sync => Edit(sync, m => m["incarnations"]!.AsArray().RemoveAt(m["incarnations"]!.AsArray().Count - 1)), "A copy of this state directory took over"),
        ["other name"] = (sync => Reconfigure(sync, $"name: {sync.Name}", "name: somebody-else"), "is the state of another pipeline"),
        ["other tables"] = (sync => Reconfigure(sync, "public.customers, public.orders", "public.orders"), "--accept-plan"),
        ["other form"] = (sync => Reconfigure(sync, "format: debezium-json", "format: debezium-json, schemas: true"), "--accept-plan"),
    };

    public static TheoryData<string> Cases() => [.. CasesByName.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Start_DirectoryChanged_IsRefusedWithNothingClaimed(string what)
    {
        var scene = shared.Scene ??= await DeliveredSceneAsync();
        var copy = scene.Sync.OnACopyOfItsState();
        var claims = (await Kafka.ConsumeAllAsync($"__pathway.{scene.Sync.Name}")).Count;
        CasesByName[what].Spoil(copy);

        await RefusedAsync(scene, copy, CasesByName[what].Says);

        Assert.Equal(claims, (await Kafka.ConsumeAllAsync($"__pathway.{scene.Sync.Name}")).Count);
    }

    private static string[] Segments(SyncRun sync) => [.. Directory.EnumerateFiles(Path.Combine(sync.State, "log")).Order(StringComparer.Ordinal)];

    private static string Manifest(SyncRun sync) => Path.Combine(sync.State, "pipeline.json");

    private static void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at < 0 ? bytes.Length + at : at] ^= 0x55;
        File.WriteAllBytes(path, bytes);
    }

    private static void Truncate(string path, int length)
    {
        using var file = File.OpenWrite(path);
        Assert.True(file.Length > length);
        file.SetLength(length);
    }

    private static void Edit(SyncRun sync, Action<JsonNode> change)
    {
        var manifest = JsonNode.Parse(File.ReadAllText(Manifest(sync)))!;
        change(manifest);
        File.WriteAllText(Manifest(sync), manifest.ToJsonString());
    }

    /// <summary>One scene for all cases: a refused start changes nothing outside of its copy.</summary>
    public sealed class SharedScene : IAsyncDisposable
    {
        internal Scene? Scene { get; set; }

        public ValueTask DisposeAsync() => Scene?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
