using Pathway.Checkpointing;
using Pathway.Core;

namespace Pathway.Tests.Unit.Checkpointing;

[Trait("suite", "unit")]
public sealed class MarkerDecisionTests
{
    private static readonly Incarnation Parent = Incarnation.New(), Current = Incarnation.New();
    private static readonly PipelineId Ours = PipelineId.New();
    private static readonly Manifest Manifest = new()
    {
        Name = "shop", Pipeline = Ours.Value, Operators = new Dictionary<string, uint>(), Plan = new PlanDescription([]),
        Incarnations = [new(Parent.Value, null, default), new(Current.Value, Parent.Value, default)],
    };

    private static Marker MarkerAt(ulong commit, long offset = 3, bool whole = true, PipelineId? pipeline = null, Incarnation? incarnation = null) =>
        new(pipeline ?? Ours, incarnation ?? Parent, "kafka", new CommitNumber(commit), offset, whole, Frontier.Empty);

    private static MarkerFacts Facts(Marker? found, Marker? recorded = null, ulong first = 5, ulong last = 9, bool fresh = false, bool state = false, bool adopt = false) =>
        new("kafka", found, recorded, Manifest, new CommitNumber(first), new CommitNumber(last), fresh, state, adopt);

    private static string Refusal(MarkerFacts facts) => Assert.IsType<MarkerDecision.Refuse>(MarkerDecision.Decide(facts)).Reason.Message;

    [Fact]
    public void Decide_NoMarkerAndNothingDelivered_BeginsAtTheStart() =>
        Assert.IsType<MarkerDecision.FromStart>(MarkerDecision.Decide(Facts(found: null)));

    [Fact]
    public void Decide_NoMarkerThoughWeDelivered_Refuses() => Assert.Contains("no marker at all", Refusal(Facts(found: null, recorded: MarkerAt(7))));

    [Fact]
    public void Decide_OurMarkerInTheLog_Continues() =>
        Assert.Equal(MarkerAt(7), Assert.IsType<MarkerDecision.Continue>(MarkerDecision.Decide(Facts(MarkerAt(7), recorded: MarkerAt(6)))).Marker);

    [Fact]
    public void Decide_MarkerOfTheLastCommit_Continues() => Assert.IsType<MarkerDecision.Continue>(MarkerDecision.Decide(Facts(MarkerAt(9))));

    [Fact]
    public void Decide_MarkerAheadOfTheLog_Refuses() => Assert.Contains("at most commit 9", Refusal(Facts(MarkerAt(10))));

    [Fact]
    public void Decide_MarkerBehindWhatTheLogHolds_Refuses() => Assert.Contains("the oldest that the log still holds", Refusal(Facts(MarkerAt(3))));

    [Fact]
    public void Decide_MarkerJustBeforeTheFirstCommit_Continues() => Assert.IsType<MarkerDecision.Continue>(MarkerDecision.Decide(Facts(MarkerAt(4))));

    [Fact]
    public void Decide_MarkerBehindTheOneWeRecorded_Refuses() => Assert.Contains("lost transactions", Refusal(Facts(MarkerAt(6), recorded: MarkerAt(7))));

    [Fact]
    public void Decide_OffsetBehindTheOneWeRecorded_Refuses() => Assert.Contains("lost transactions", Refusal(Facts(MarkerAt(7, offset: 2, whole: false), recorded: MarkerAt(7, offset: 3))));

    [Fact]
    public void Decide_IncarnationOutsideOurAncestry_Refuses() => Assert.Contains("A copy of this state directory took over", Refusal(Facts(MarkerAt(7, incarnation: Incarnation.New()))));

    [Fact]
    public void Decide_AnotherPipelineOfTheSameName_Refuses() => Assert.Contains("another name", Refusal(Facts(MarkerAt(7, pipeline: PipelineId.New()))));

    [Fact]
    public void Decide_LostDirectory_RefusesAndNamesTheWayOut() => Assert.Contains("--adopt-marker", Refusal(Facts(MarkerAt(7, pipeline: PipelineId.New()), first: 0, last: 0, fresh: true)));

    [Fact]
    public void Decide_LostDirectoryAndAsked_Adopts() =>
        Assert.IsType<MarkerDecision.Adopt>(MarkerDecision.Decide(Facts(MarkerAt(7, pipeline: PipelineId.New()), first: 0, last: 0, fresh: true, adopt: true)));

    [Fact]
    public void Decide_LostDirectoryOfAPipelineWithState_RefusesToAdopt() =>
        Assert.Contains("with state", Refusal(Facts(MarkerAt(7, pipeline: PipelineId.New()), first: 0, last: 0, fresh: true, state: true, adopt: true)));

    [Fact]
    public void Decide_LostDirectoryInsideACommit_RefusesToAdopt() =>
        Assert.Contains("inside of commit", Refusal(Facts(MarkerAt(7, whole: false, pipeline: PipelineId.New()), first: 0, last: 0, fresh: true, adopt: true)));
}
