using Pathway.Connectors;
using Pathway.Nexmark.Queries;

namespace Pathway.Nexmark;

/// <summary>The queries by name, each with a sink for its result: <c>NexmarkQueries.All["q4"](tables, "q4.jsonl")</c>.</summary>
public static class NexmarkQueries
{
    /// <summary>All queries that are written.</summary>
    public static IReadOnlyDictionary<string, Action<NexmarkTables, string>> All { get; } = new Dictionary<string, Action<NexmarkTables, string>>
    {
        ["q0"] = (t, path) => RowwiseQueries.Q0(t).To(Files.ChangeSink<BidLine>(path)),
        ["q1"] = (t, path) => RowwiseQueries.Q1(t).To(Files.ChangeSink<EuroBid>(path)),
        ["q2"] = (t, path) => RowwiseQueries.Q2(t).To(Files.ChangeSink<AuctionPrice>(path)),
        ["q3"] = (t, path) => JoinQueries.Q3(t).To(Files.ChangeSink<LocalItem>(path)),
        ["q4"] = (t, path) => AuctionQueries.Q4(t).To(Files.KeyedSink<long, CategoryAverage>(path)),
        ["q5"] = (t, path) => WindowQueries.Q5(t).To(Files.ChangeSink<HotItem>(path)),
        ["q7"] = (t, path) => WindowQueries.Q7(t).To(Files.ChangeSink<HighestBid>(path)),
        ["q8"] = (t, path) => WindowQueries.Q8(t).To(Files.ChangeSink<NewSeller>(path)),
        ["q9"] = (t, path) => AuctionQueries.Q9(t).To(Files.ChangeSink<WinningBid>(path)),
        ["q11"] = (t, path) => WindowQueries.Q11(t).To(Files.ChangeSink<BidSession>(path)),
        ["q13"] = (t, path) => JoinQueries.Q13(t).To(Files.ChangeSink<SideBid>(path)),
        ["q14"] = (t, path) => RowwiseQueries.Q14(t).To(Files.ChangeSink<TimedBid>(path)),
        ["q15"] = (t, path) => StatisticsQueries.Q15(t).To(Files.KeyedSink<string, DayStatistics>(path)),
        ["q16"] = (t, path) => StatisticsQueries.Q16(t).To(Files.KeyedSink<ChannelDay, ChannelStatistics>(path)),
        ["q17"] = (t, path) => StatisticsQueries.Q17(t).To(Files.KeyedSink<AuctionDay, AuctionStatistics>(path)),
        ["q18"] = (t, path) => AuctionQueries.Q18(t).To(Files.KeyedSink<BidderAuction, Bid>(path)),
        ["q19"] = (t, path) => AuctionQueries.Q19(t).To(Files.ChangeSink<PlacedBid>(path)),
        ["q20"] = (t, path) => JoinQueries.Q20(t).To(Files.ChangeSink<ItemBid>(path)),
        ["q21"] = (t, path) => RowwiseQueries.Q21(t).To(Files.ChangeSink<ChannelBid>(path)),
        ["q22"] = (t, path) => RowwiseQueries.Q22(t).To(Files.ChangeSink<DirectoryBid>(path)),
    };
}
