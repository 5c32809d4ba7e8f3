namespace WordCount;

/// <summary>A word that was spoken.</summary>
internal sealed record Spoken(string Word);

/// <summary>How often it was.</summary>
internal sealed record Count(string Word, long Times);
