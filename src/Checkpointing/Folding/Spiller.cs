using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Checkpointing;

/// <summary>Takes what the open commit has changed in the state out of memory, where that commit can't be made yet: the log gets the same changes, and its closing record alone makes them count.</summary>
/// <remarks>Used by the engine's thread. Every commit before the open one has to be in RocksDB.</remarks>
public sealed class Spiller(StateFolder folder, CheckpointOptions options)
{
    private readonly FoldRun _run = new(options.FoldBytes);

    /// <summary>Takes in <paramref name="changes"/>, which are all that was saved for <paramref name="commit"/> since the last call: from now on the caches may evict it.</summary>
    /// <exception cref="ConnectorException">The disk failed or is full.</exception>
    public void Spill(IReadOnlyList<StateChanges> changes, CommitNumber commit)
    {
        if (!folder.States.HasSpilled(commit) && changes.All(c => c.Entries == 0)) return;
        try
        {
            using var sorter = new FoldSorter(folder.Paths.SpillRuns, _run);
            foreach (var each in changes) sorter.Add(each.Bytes.Span);
            using var files = folder.States.BeginSpill(commit, folder.Paths.Spill).Write();
            sorter.ForEach(change =>
            {
                Check.That(StateChanges.TryRead(ref change, out var key, out var value, out var isDelete));
                if (isDelete) files.Delete(key);
                else files.Put(key, value);
            });
            files.End();
        }
        catch (IOException e)
        {
            throw new ConnectorException($"A source transaction that is larger than memory can't be put aside in '{folder.Paths.Spill}': {e.Message} Nothing is lost; the next start reads the transaction again.", e);
        }

        folder.States.Spilled();
    }
}
