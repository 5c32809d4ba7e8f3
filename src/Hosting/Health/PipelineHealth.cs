namespace Pathway.Hosting;

/// <summary>How a pipeline is, for whoever asks over HTTP.</summary>
/// <remarks>Any thread may write and read it.</remarks>
public sealed class PipelineHealth
{
    private volatile string? _reason = "starting", _waitsFor;

    /// <summary>Why the pipeline doesn't stream, in a few words; null while it does.</summary>
    public string? Reason => _waitsFor ?? _reason;

    /// <summary>Whether changes flow.</summary>
    public bool IsReady => Reason is null;

    /// <summary>Changes flow from now on.</summary>
    public void Streaming() => _reason = null;

    /// <summary>Whether changes flow or not yet, everything waits for somebody outside, as <paramref name="reason"/> says; null: it doesn't any more.</summary>
    public void Waits(string? reason) => _waitsFor = reason;

    /// <summary>Changes don't flow, for <paramref name="reason"/>: "starting", "initial load", "stopping".</summary>
    public void NotReady(string reason) => _reason = reason;
}
