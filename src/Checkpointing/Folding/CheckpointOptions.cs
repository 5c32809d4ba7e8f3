namespace Pathway.Checkpointing;

/// <summary>When the log is folded into RocksDB, and within which limits.</summary>
public sealed record CheckpointOptions
{
    /// <summary>After so much new log. Default 64 MB: what a restart reads at most, about.</summary>
    public long LogBytes { get; init; } = 64 << 20;

    /// <summary>At the latest after this time. Default 30 s.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>While level 0 of RocksDB holds more files than this, the next checkpoint waits for compaction, unless the log has grown to four times <see cref="LogBytes"/>. Default 12.</summary>
    public int LevelZeroFilesMax { get; init; } = 12;

    /// <summary>Memory of one fold; what is larger is sorted in runs on disk and merged. Default 64 MB.</summary>
    public int FoldBytes { get; init; } = 64 << 20;

    /// <summary>Whether a checkpoint is due, from facts alone.</summary>
    internal bool IsDue(long newLogBytes, TimeSpan since, int levelZeroFiles, bool stateWantsIt) =>
        stateWantsIt || newLogBytes >= 4 * LogBytes || ((newLogBytes >= LogBytes || since >= Every) && levelZeroFiles <= LevelZeroFilesMax);
}
