using Pathway.Core;
using Pathway.Engine;

namespace Pathway.Planning;

/// <summary>What becomes of a step when the plan changes.</summary>
internal enum Fate
{
    /// <summary>It is the same: its state stays.</summary>
    Kept,

    /// <summary>It is the same under another name, which the plan says: its state stays.</summary>
    Moved,

    /// <summary>It is new or means something else, and keeps nothing that would have to be made.</summary>
    Changed,

    /// <summary>Its state stays, with its rows in the form that they have now.</summary>
    Converted,

    /// <summary>Its state is made anew from rows that other steps have.</summary>
    Rebuilt,

    /// <summary>Its state begins empty, since all that it reads is read from the beginning.</summary>
    Begins,

    /// <summary>A target gets nothing but what changes from now on.</summary>
    GoesOn,

    /// <summary>A target gets the whole table.</summary>
    Delivered,

    /// <summary>A target that has an older form of the table gets what makes it right: all rows, and deletes of keys that are gone.</summary>
    Corrected,

    /// <summary>It can't be had without guessing.</summary>
    Refused,
}

/// <summary>A step and what becomes of it.</summary>
/// <param name="Node">The step.</param>
/// <param name="Path">Its name.</param>
/// <param name="Fate">What becomes of it.</param>
/// <param name="Reason">Why, in words; empty where there is nothing to say.</param>
internal sealed record StepFate(Node Node, string Path, Fate Fate, string Reason);

/// <summary>A sink whose target has an older form of its table.</summary>
/// <param name="Sink">The sink.</param>
/// <param name="Keys">The state, in the plan before, whose keys are all that the target can have.</param>
internal sealed record Correction(SinkNode Sink, string Keys);
