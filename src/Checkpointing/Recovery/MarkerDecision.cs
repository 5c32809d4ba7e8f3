using Pathway.Core;

namespace Pathway.Checkpointing;

/// <summary>What a target's marker tells at start: where delivery goes on, or why it may not.</summary>
public abstract record MarkerDecision
{
    /// <summary>Nothing was delivered yet: begin with the first commit.</summary>
    public sealed record FromStart : MarkerDecision;

    /// <summary>Go on behind <paramref name="Marker"/>.</summary>
    public sealed record Continue(Marker Marker) : MarkerDecision;

    /// <summary>Our state directory is new, but the target knows a pipeline of this name: go on from its marker (an explicit choice).</summary>
    public sealed record Adopt(Marker Marker) : MarkerDecision;

    /// <summary>The target has what was delivered after the snapshot that we were restored from: input is replayed up to the frontier of <paramref name="Marker"/>, and nothing delivered before it.</summary>
    public sealed record Replay(Marker Marker) : MarkerDecision;

    /// <summary>We may not deliver.</summary>
    public sealed record Refuse(RefusalException Reason) : MarkerDecision;

    /// <summary>Facts in, decision out (protocol: identities, targets, recovery).</summary>
    public static MarkerDecision Decide(MarkerFacts facts) => facts.Found switch
    {
        null when facts.Recorded is null => new FromStart(),
        null => Refused(facts, "no marker at all", $"our marker of commit {facts.Recorded.Commit}", "The target lost our progress (was its topic or table deleted?). Restore it, or begin anew with an empty state directory and an empty target."),
        { } found when found.Pipeline != new PipelineId(facts.Manifest.Pipeline) && facts.IsFresh => facts.AdoptMarker ? AdoptOrRefuse(facts, found) : Stranger(facts, found),
        { } found when found.Pipeline != new PipelineId(facts.Manifest.Pipeline) => Refused(facts, $"a marker of another pipeline ({found.Pipeline})", $"one of ours ({new PipelineId(facts.Manifest.Pipeline)})", "Two pipelines of one name write to this target. Give one of them another name."),
        { } found when IsAhead(facts, found) => ReplayOrRefuse(facts, found),
        { } found when !facts.Manifest.IsOurs(found.Incarnation) => Refused(facts, $"a marker of incarnation {found.Incarnation}, which this state directory doesn't descend from", "a marker of our own ancestry", "A copy of this state directory took over. Run only that copy, and delete this directory."),
        { } found when found.Commit > facts.Last => Refused(facts, $"a marker of commit {found.Commit}", $"at most commit {facts.Last}, the last of our log", "The end of the commit log was lost after it had been delivered. Restore the directory, or begin anew with an empty one and an empty target."),
        { } found when IsBehind(found, facts.Recorded) => Refused(facts, $"a marker of commit {found.Commit}, row {found.Offset}", $"at least commit {facts.Recorded!.Commit}, row {facts.Recorded.Offset}, which we had delivered", "The target lost transactions. Restore it, or begin anew with an empty state directory and an empty target."),
        { } found when Next(found) < facts.First && Next(found) <= facts.Last => Refused(facts, $"a marker of commit {found.Commit}", $"at least commit {facts.First}, the oldest that the log still holds", "The target lost transactions. Restore it, or begin anew with an empty state directory and an empty target."),
        { } found => new Continue(found),
    };

    private static bool IsAhead(MarkerFacts facts, Marker found) =>
        (facts.Manifest.Replays ?? []).Contains(ReplayedMarker.Of(found)) || (facts.Manifest.RestoredFrom is not null && (!facts.Manifest.IsOurs(found.Incarnation) || found.Commit > facts.Last));

    private static MarkerDecision ReplayOrRefuse(MarkerFacts facts, Marker found)
    {
        var obstacle = !found.IsWhole ? $"it lies inside of that commit, behind row {found.Offset}, and nobody knows where its input ends" : facts.WhyNotReplay is { } whyNot ? whyNot(found.Frontier) : "input can't be replayed here";
        return obstacle is null ? new Replay(found) : Refused(
            facts, $"a marker of commit {found.Commit} of incarnation {found.Incarnation}", $"at most commit {facts.Last}: this directory was restored from {(facts.Manifest.RestoredFrom is { } snapshot ? $"snapshot {snapshot}" : "a snapshot")}",
            $"The target has what was delivered after the snapshot, and input can't be replayed up to there: {obstacle}. Restore a newer one, or begin anew with an empty state directory and an empty target; a pipeline without state goes on exactly from an empty directory with --adopt-marker.");
    }

    private static CommitNumber Next(Marker marker) => marker.IsWhole ? marker.Commit.Next() : marker.Commit;

    private static bool IsBehind(Marker found, Marker? recorded) =>
        recorded is not null && (found.Commit < recorded.Commit || (found.Commit == recorded.Commit && found.Offset < recorded.Offset));

    private static MarkerDecision Stranger(MarkerFacts facts, Marker found) => Refused(
        facts, $"a marker of pipeline {found.Pipeline}, commit {found.Commit}", "no marker, since this state directory is new",
        "If this pipeline's directory was lost, start once with --adopt-marker to go on from the marker. If another pipeline uses this name, choose another name.");

    private static MarkerDecision AdoptOrRefuse(MarkerFacts facts, Marker found)
    {
        if (facts.PlanHasState)
            return Refused(facts, "a pipeline with state", "one without, whose marker says all there is to know", "Begin anew: an empty state directory and an empty target.");
        if (!found.IsWhole)
            return Refused(facts, $"a marker inside of commit {found.Commit}, behind row {found.Offset}", "a marker behind a whole commit", "What follows in that commit is lost with the directory. Begin anew with an empty target.");
        return new Adopt(found);
    }

    private static Refuse Refused(MarkerFacts facts, string found, string expected, string remedy) =>
        new(new RefusalException($"target '{facts.Target}' can't be claimed", found, expected, remedy));
}

/// <summary>What is known when a target's marker was read.</summary>
/// <param name="Target">The target's name.</param>
/// <param name="Found">The marker in the target; null if there is none.</param>
/// <param name="Recorded">The newest marker of this target that our log has on record; null if none.</param>
/// <param name="Manifest">Who we are.</param>
/// <param name="First">The oldest commit in the log.</param>
/// <param name="Last">The last durable commit.</param>
/// <param name="IsFresh">Whether this is the first start of this directory.</param>
/// <param name="PlanHasState">Whether the plan keeps state.</param>
/// <param name="AdoptMarker">Whether the user said to go on from the marker.</param>
/// <param name="WhyNotReplay">Why input can't be replayed from our frontier up to one; gives null where it can.</param>
public sealed record MarkerFacts(string Target, Marker? Found, Marker? Recorded, Manifest Manifest, CommitNumber First, CommitNumber Last, bool IsFresh, bool PlanHasState, bool AdoptMarker, Func<Frontier, string?>? WhyNotReplay = null);
