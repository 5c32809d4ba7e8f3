namespace Pathway.Connectors;

/// <summary>Tells how long what happened at some time has to wait, where the first thing that is asked for comes at once.</summary>
/// <param name="speed">How many times faster than it was; 0 for as fast as it goes.</param>
/// <param name="clock">The clock.</param>
internal sealed class RecordedPace(double speed, TimeProvider clock)
{
    private (TimeSpan At, long Began)? _first;

    /// <summary>How long to wait from now; nothing or less for what is due.</summary>
    /// <param name="at">When it was, since any time before.</param>
    public TimeSpan UntilDue(TimeSpan at)
    {
        if (speed == 0) return TimeSpan.Zero;
        _first ??= (at, clock.GetTimestamp());
        return ((at - _first.Value.At) / speed) - clock.GetElapsedTime(_first.Value.Began);
    }
}
