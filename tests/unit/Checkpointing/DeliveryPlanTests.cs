using Pathway.Checkpointing;
using Pathway.Core;

namespace Pathway.Tests.Unit.Checkpointing;

[Trait("suite", "unit")]
public sealed class DeliveryPlanTests
{
    private static readonly TransactionLimits Limits = new(Rows: 10, Bytes: 1000);

    private static CommitIndex Index(params long[] rowsByCommit)
    {
        var index = new CommitIndex();
        for (var i = 0; i < rowsByCommit.Length; i++)
            index.Add(new CommitSummary(new CommitNumber((ulong)i + 1), new Epoch((ulong)i), Frontier.Empty, [new CommitOutput("kafka", rowsByCommit[i], rowsByCommit[i] * 10)]));
        return index;
    }

    private static Marker Behind(ulong commit, long offset = 0, bool whole = true) =>
        new(default, default, "kafka", new CommitNumber(commit), offset, whole, Frontier.Empty);

    [Fact]
    public void Until_SeveralSmallCommits_TakesAsManyAsFit() => Assert.Equal(new CommitNumber(2), DeliveryPlan.Until(Index(4, 6, 1), Behind(0), Limits));

    [Fact]
    public void Until_OutsizedCommit_TakesItAlone() => Assert.Equal(new CommitNumber(1), DeliveryPlan.Until(Index(40, 6, 1), Behind(0), Limits));

    [Fact]
    public void Until_SmallThenOutsized_StopsBeforeIt() => Assert.Equal(new CommitNumber(1), DeliveryPlan.Until(Index(4, 40), Behind(0), Limits));

    [Fact]
    public void Until_ByteLimit_Counts() => Assert.Equal(new CommitNumber(1), DeliveryPlan.Until(Index(4, 4), Behind(0), Limits with { Bytes = 50 }));

    [Fact]
    public void Until_RestOfAnOutsizedCommit_FinishesIt() => Assert.Equal(new CommitNumber(1), DeliveryPlan.Until(Index(40, 6), Behind(1, offset: 30, whole: false), Limits));

    [Fact]
    public void Until_RestAndNextFit_TakesBoth() => Assert.Equal(new CommitNumber(2), DeliveryPlan.Until(Index(40, 6), Behind(1, offset: 37, whole: false), Limits));

    [Fact]
    public void Until_OnlyEmptyCommits_IsNull() => Assert.Null(DeliveryPlan.Until(Index(4, 0, 0), Behind(1), Limits));

    [Fact]
    public void Until_NothingLeft_IsNull() => Assert.Null(DeliveryPlan.Until(Index(4), Behind(1), Limits));

    [Fact]
    public void Until_EmptyCommitsBetween_ArePassed() => Assert.Equal(new CommitNumber(4), DeliveryPlan.Until(Index(4, 0, 3, 0), Behind(0), Limits));
}
