using System.Globalization;

namespace Pathway.Checkpointing;

/// <summary>Takes one sorted change.</summary>
internal delegate void SortedChange(ReadOnlySpan<byte> change);

/// <summary>Sorts the changes of a fold by key within bounded memory; the last change of each key wins. Runs that don't fit lie on disk meanwhile.</summary>
/// <remarks>Order: add, then <see cref="ForEach"/> once, then dispose.</remarks>
internal sealed class FoldSorter(string folder, FoldRun run) : IDisposable
{
    /// <summary>As many runs of one level are merged into one of the next: so a fold of any size keeps few files open.</summary>
    private const int MergedRuns = 16;

    private readonly List<RunFile> _files = []; // oldest first
    private int _names;

    /// <summary>Adds the changes of one record of the log.</summary>
    public void Add(ReadOnlySpan<byte> changes)
    {
        run.Add(ref changes);
        while (!changes.IsEmpty)
        {
            Spill();
            run.Add(ref changes);
        }
    }

    /// <summary>Gives the last change of each key, in ascending order.</summary>
    public void ForEach(SortedChange each)
    {
        if (_files.Count > 0)
        {
            if (run.Count > 0) Spill();
            Merge(_files, each);
            return;
        }

        run.Sort();
        for (var i = 0; i < run.Count; i++) each(run.Change(i));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        run.Clear();
        foreach (var file in _files) file.Dispose();
    }

    private void Spill()
    {
        Directory.CreateDirectory(folder);
        run.Sort();
        _files.Add(RunFile.Write(NextPath(), 0, writer =>
        {
            for (var i = 0; i < run.Count; i++) writer.Add(run.Change(i));
        }));
        run.Clear();
        while (_files.Count >= MergedRuns && _files[^MergedRuns].Level == _files[^1].Level) MergeNewest();
    }

    private void MergeNewest()
    {
        var runs = _files[^MergedRuns..];
        var merged = RunFile.Write(NextPath(), runs[0].Level + 1, writer => Merge(runs, writer.Add));
        _files.RemoveRange(_files.Count - MergedRuns, MergedRuns);
        foreach (var run in runs) run.Dispose();
        _files.Add(merged);
    }

    private string NextPath() => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{_names++:D6}.run"));

    // The runs are in the order of the commits: of equal keys the change in the latest run counts.
    private static void Merge(List<RunFile> runs, SortedChange each)
    {
        while (true)
        {
            RunFile? least = null;
            foreach (var run in runs)
                if (run.HasCurrent && (least is null || run.Key.SequenceCompareTo(least.Key) <= 0)) least = run;
            if (least is null) return;
            foreach (var run in runs)
                if (run != least && run.HasCurrent && run.Key.SequenceEqual(least.Key)) run.Advance();
            each(least.Change);
            least.Advance();
        }
    }
}
