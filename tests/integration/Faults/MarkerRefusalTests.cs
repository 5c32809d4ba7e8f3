using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Pathway.Tests.Integration.Servers;

namespace Pathway.Tests.Integration.Faults;

/// <summary>A progress topic that isn't as the sync left it: refused, and once the right marker is back the same directory goes on.</summary>
[Trait("suite", "integration")]
public sealed class MarkerRefusalTests(PostgresServer postgres, KafkaServer kafka, ITestOutputHelper output) : RefusalTest(postgres, kafka, output)
{
    [Fact]
    public async Task Start_MarkerIsNotTheOneWeLeft_IsRefusedUntilItIsBack()
    {
        await using var scene = await DeliveredSceneAsync();
        var markers = (await Kafka.ConsumeAllAsync(Topic(scene))).Where(m => m.ValueText is not null).ToList();
        var (oldest, newest) = (markers[0], markers[^1]);
        (string Marker, string Says)[] cases =
        [
            (Changed(newest, m => m["pipeline"] = Guid.NewGuid().ToString()), "a marker of another pipeline"),
            (Changed(newest, m => m["incarnation"] = Guid.NewGuid().ToString()), "A copy of this state directory took over"),
            (Changed(newest, m => m["commit"] = (long)m["commit"]! + 1000), "The end of the commit log was lost"),
            (oldest.ValueText!, "The target lost transactions"),
            (Changed(newest, m => m["version"] = 2), "can't be read"),
            ("no marker at all", "can't be read"),
        ];
        foreach (var (marker, says) in cases)
        {
            await ProduceAsync(scene, newest.Key!, marker);
            await RefusedAsync(scene, scene.Sync, says);
        }

        await ProduceAsync(scene, newest.Key!, newest.ValueText!);
        await GoesOnAsync(scene);
    }

    [Fact]
    public async Task Start_ProgressTopicMayForgetOrIsGone_IsRefused()
    {
        await using var scene = await DeliveredSceneAsync();
        using var admin = Kafka.Admin();
        await SetPolicyAsync(admin, scene, "delete");
        await RefusedAsync(scene, scene.Sync, "may lose markers");
        await SetPolicyAsync(admin, scene, "compact");
        await GoesOnAsync(scene);

        await admin.DeleteTopicsAsync([Topic(scene)]);
        await Eventually.TrueAsync(async () => !(await Kafka.ListTopicsAsync()).Contains(Topic(scene)), "the topic is gone");
        await RefusedAsync(scene, scene.Sync, "no marker at all");
    }

    private static string Topic(Scene scene) => $"__pathway.{scene.Sync.Name}";

    private static string Changed(TopicRecord marker, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(marker.ValueText!)!;
        change(json);
        return json.ToJsonString();
    }

    private async Task ProduceAsync(Scene scene, byte[] key, string marker)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = Kafka.BootstrapServers, Acks = Acks.All }).Build();
        await producer.ProduceAsync(Topic(scene), new Message<byte[], byte[]> { Key = key, Value = Encoding.UTF8.GetBytes(marker) });
    }

    private static Task SetPolicyAsync(IAdminClient admin, Scene scene, string policy) => admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
    {
        [new ConfigResource { Type = ResourceType.Topic, Name = Topic(scene) }] = [new ConfigEntry { Name = "cleanup.policy", Value = policy, IncrementalOperation = AlterConfigOpType.Set }],
    });
}
