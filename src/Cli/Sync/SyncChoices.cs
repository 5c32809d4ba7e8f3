namespace Pathway.Cli;

/// <summary>Choices at a start of the sync that don't belong into its configuration.</summary>
/// <param name="AcceptPlan">Go on though the configuration computes something else than what wrote the state.</param>
/// <param name="AdoptMarker">The state directory was lost: go on from the target's marker.</param>
/// <param name="LoadAgain">The replication slot was lost: make another one, and load every table again.</param>
internal sealed record SyncChoices(bool AcceptPlan, bool AdoptMarker, bool LoadAgain = false);
