using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Checkpointing;
using Pathway.Cli;
using Pathway.Connectors.Debezium;
using Pathway.Core;
using Pathway.Planning;

namespace Pathway.Tests.Unit.Cli;

[Trait("suite", "unit")]
public sealed class SyncTests
{
    [Fact]
    public void Of_AFirstStart_TellsEverything()
    {
        var start = new StartReport(
            "shop-sync", "/var/lib/pathway", CommitNumber.None,
            [new StartReport.Source("PostgreSQL db:5432/shop, slot shop_sync", ["public.customers, public.order_*"], null)],
            [new StartReport.Target("Kafka at kafka:9092", ["topics shop.* as debezium-json"], Guarantee.ExactlyOnce, 0)]);
        Assert.Equal(
            """
            Pathway 0.1.0, pipeline shop-sync
              reads      public.customers, public.order_*
                         from PostgreSQL db:5432/shop, slot shop_sync
              writes     topics shop.* as debezium-json
                         to Kafka at kafka:9092
              guarantee  exactly once: every change is visible once to readers with isolation.level=read_committed, whatever fails
              state      /var/lib/pathway
              resumes    at the beginning: this is the first start
            """,
            StartScreen.Of(start, "0.1.0"));
    }

    [Fact]
    public void Of_ALaterStart_TellsWhereItGoesOnAndWhatIsStillToDeliver()
    {
        var start = new StartReport(
            "shop-sync", "/s", new CommitNumber(41), [new StartReport.Source("Postgres", ["a.b"], "LSN 0/16B3748")], [new StartReport.Target("Kafka", ["topics"], Guarantee.AtLeastOnce, 7)]);
        var screen = StartScreen.Of(start, "0.1.0");
        Assert.Contains("  resumes    behind commit 41", screen);
        Assert.Contains("             LSN 0/16B3748", screen);
        Assert.Contains("7 committed rows have yet to be delivered to Kafka; they go first", screen);
        Assert.Contains("at least once", screen);
    }

    [Fact]
    public void KnownTopics_OfTablesAndPatterns_AreThoseOfTheTables()
    {
        var configuration = ConfigurationTests.Parse(ConfigurationTests.Least.Replace("[public.orders]", "[public.orders, 'public.line_*', 'public.Größe']"));
        Assert.Equal(["shop.public.orders", "shop.public.Gr__e"], SyncPipeline.KnownTopics(configuration));
    }

    [Fact]
    public void Build_AnyConfiguration_IsAPipelineOfItsNameAndState()
    {
        var configuration = ConfigurationTests.Parse(ConfigurationTests.Least);
        var pipeline = SyncPipeline.Build(configuration, new SyncChoices(AcceptPlan: true, AdoptMarker: false), NullLogger.Instance);
        Assert.Equal(("Shop.Sync-1", "/etc/pathway/state", true, false), (pipeline.Name, pipeline.Options.StateDirectory, pipeline.Options.AcceptPlan, pipeline.Options.AdoptMarker));
    }

    [Fact]
    public void Build_WithOtherTables_KeepsWhatRowsAreRemembered()
    {
        var remembering = ConfigurationTests.Least.Replace("tables: [public.orders]", "tables: [public.orders]\n    before: state");
        var more = remembering.Replace("[public.orders]", "[public.orders, public.lines]");
        var (before, now) = (PlanOf(remembering), PlanOf(more));
        Assert.NotEqual(remembering, more);
        Assert.Contains(before.Description.Steps, s => s.HasState);
        var change = PlanChange.Between(before.Description, [], now);
        Assert.True(change.IsPossible, change.ToString());
        Assert.Equal("before", change.Evolution.States["before"]);
        Assert.False(change.Evolution.NeedsRebuild);

        static Plan PlanOf(string configuration) => SyncPipeline.Build(ConfigurationTests.Parse(configuration), new SyncChoices(false, false), NullLogger.Instance).Plan();
    }

    [Fact]
    public async Task PlanDiff_OfAChangedConfiguration_SaysWhatAStartWouldDo()
    {
        var folder = Directory.CreateTempSubdirectory("plan-diff-").FullName;
        var (file, state) = (Path.Combine(folder, "sync.yaml"), new StatePaths(Path.Combine(folder, "state")));
        await File.WriteAllTextAsync(file, ConfigurationTests.Least, TestContext.Current.CancellationToken);
        Assert.Contains("nothing was written", (await CommandLineTests.RunAsync($"plan diff --config {file} --state {state.Root}")).Output);

        var before = SyncPipeline.Build(ConfigurationTests.Parse(ConfigurationTests.Least.Replace("topic-prefix: shop", "topic-prefix: market")), new SyncChoices(false, false), NullLogger.Instance).Plan();
        Directory.CreateDirectory(state.Root);
        new Manifest { Name = "Shop.Sync-1", Pipeline = Guid.NewGuid(), Incarnations = [], Operators = new Dictionary<string, uint>(), Plan = before.Description }.Restarted(Incarnation.New(), DateTimeOffset.UnixEpoch).Save(state);
        var run = await CommandLineTests.RunAsync($"plan diff --config {file} --state {state.Root}");
        Directory.Delete(folder, recursive: true);
        Assert.Equal((ExitCode.Stopped, ""), (run.Code, run.Error));
        Assert.Contains("goes on    public.orders/Sink: its target gets what comes from now on", run.Output);
    }

    [Fact]
    public void Build_ASettingThatIsOurs_IsRefused()
    {
        var configuration = ConfigurationTests.Parse(ConfigurationTests.Least.Replace("localhost:9092 }", "localhost:9092, acks: '1' }"));
        var refused = Assert.Throws<ConfigurationException>(() => SyncPipeline.Build(configuration, new SyncChoices(false, false), NullLogger.Instance));
        Assert.Contains("acks", refused.Message);
    }

    [Fact]
    public async Task Check_NoServers_TellsOfBothAndIsBadUsage()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file, ConfigurationTests.Least.Replace("Host=localhost", "Host=127.0.0.1;Port=1;Password=s3cret").Replace("localhost:9092", "127.0.0.1:1"), TestContext.Current.CancellationToken);
        var run = await CommandLineTests.RunAsync($"sync --check --config {file}");
        File.Delete(file);
        Assert.Equal(ExitCode.BadUsage, run.Code);
        Assert.Contains("Postgres: 1 problem", run.Output);
        Assert.Contains("Kafka: 1 problem", run.Output);
        Assert.DoesNotContain("s3cret", run.Output + run.Error);
    }

    [Fact]
    public async Task Sync_NoFile_IsBadUsage()
    {
        var run = await CommandLineTests.RunAsync("sync --config /nowhere/sync.yaml");
        Assert.Equal(ExitCode.BadUsage, run.Code);
        Assert.StartsWith("pathway: The configuration file '/nowhere/sync.yaml' can't be read:", run.Error);
    }

    [Fact]
    public void Report_TheSameColumnAgain_IsToldOnce()
    {
        using var log = new StringWriter();
        using var factory = LineLoggerProvider.Factory(log, LogForm.Text, debug: false);
        var lost = new LostValues(factory.CreateLogger("x"));
        lost.Report(new LostValue("public.a", "b", "s3cret", "null"));
        lost.Report(new LostValue("public.a", "b", "s3cret", "null"));
        lost.Report(new LostValue("public.a", "c", "s3cret", "null"));
        Assert.Equal(2, log.ToString().Split("have values", StringSplitOptions.None).Length - 1 + log.ToString().Split("has values", StringSplitOptions.None).Length - 1);
        Assert.DoesNotContain("s3cret", log.ToString());
    }
}
