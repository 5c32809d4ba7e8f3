using System.Globalization;

namespace Pathway.Core;

/// <summary>Where a row of output stands.</summary>
/// <param name="Commit">Its commit.</param>
/// <param name="Row">Its number among the commit's rows for the target, from 1.</param>
public readonly record struct OutputPlace(CommitNumber Commit, long Row)
{
    /// <summary>For people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"commit {Commit.Value}, row {Row}");
}
