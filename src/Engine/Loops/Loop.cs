namespace Pathway.Engine;

/// <summary>A part of a plan that runs again and again within an epoch, until nothing changes any more.</summary>
/// <remarks>
/// <para>Its steps work on differences in two directions: a delta belongs to an epoch, as everywhere, and to a round. What a table of the loop is in round i is the sum of its deltas of the rounds up to i over all
/// epochs so far. So a change of the input is carried through those rounds alone in which it makes a difference, and a row that holds itself up only by a cycle goes, since it has no round to begin in.</para>
/// <para>State carries the round in its rows: a join's sides and a grouping's input and output. Between two epochs nothing else is kept.</para>
/// </remarks>
public sealed class Loop;
