using Pathway.Checkpointing;
using Pathway.Core;

namespace Pathway.Tests.Unit.Checkpointing;

[Trait("suite", "unit")]
public sealed class CommitHeaderTests
{
    [Fact]
    public void FromBytes_WhatToBytesWrote_IsEqual()
    {
        var frontier = Frontier.Empty.With("postgres:a", new Position("""{"lsn":"0/1"}""")).With("file:b", new Position("12"));
        var marker = new Marker(PipelineId.New(), Incarnation.New(), "kafka", new CommitNumber(6), 4, false, frontier);
        var header = new CommitHeader(new CommitSummary(new CommitNumber(7), new Epoch(12), frontier, [new CommitOutput("kafka", 5, 600)]), Incarnation.New(), [new DeliveredMarker(marker, "17")]);

        var read = CommitHeader.FromBytes(header.ToBytes());

        Assert.Equal(header.Summary.Number, read.Summary.Number);
        Assert.Equal(header.Summary.Epoch, read.Summary.Epoch);
        Assert.Equal(frontier, read.Summary.Frontier);
        Assert.Equal(header.Summary.Outputs, read.Summary.Outputs);
        Assert.Equal(header.Incarnation, read.Incarnation);
        Assert.Equal(header.Delivered, read.Delivered);
    }

    [Fact]
    public void FromBytes_OtherBytes_Refuses() => Assert.Throws<RefusalException>(() => CommitHeader.FromBytes("no json"u8));
}
