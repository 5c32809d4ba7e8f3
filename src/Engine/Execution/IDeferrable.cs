namespace Pathway.Engine;

/// <summary>An operator whose rows may wait for the commit: where only keyed sinks read it, what the epochs between did to a key and undid again need never be given out.</summary>
/// <remarks>Deferred, it gives nothing in <see cref="Operator.Step"/>, and in <see cref="EmitDeferred"/> each key that changed once: the old row, if there was one, and directly behind it the new one.</remarks>
public interface IDeferrable
{
    /// <summary>From now on it is deferred. Before the first step.</summary>
    void Defer();

    /// <summary>Gives the next of what waits, a bounded amount; false when nothing is left.</summary>
    bool EmitDeferred();
}
