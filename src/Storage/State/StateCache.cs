using System.Runtime.CompilerServices;

namespace Pathway.Storage;

/// <summary>The rules of a typed cache in front of RocksDB: what may be evicted, and whether a miss needs a read.</summary>
/// <remarks>
/// Invariant: an entry whose last change no checkpoint covers is in the cache, so what a miss reads from RocksDB is never stale. While the cache is complete, it holds everything.
/// </remarks>
internal sealed class StateCache<TKey, TValue>(StateStore store, SlotTable<TKey, TValue> table)
    where TKey : notnull
{
    private static readonly bool KeyRefers = RuntimeHelpers.IsReferenceOrContainsReferences<TKey>();

    private readonly Queue<(int Slot, ulong Commit)> _tombstones = new();
    private int _hand;

    /// <summary>Whether a key that isn't in the cache is nowhere.</summary>
    public bool IsComplete { get; set; } = store.Durable is null || store.Durable.Checkpoint == Core.CommitNumber.None;

    /// <summary>About how much of the table changed since the last commit.</summary>
    public long DirtyBytes => table.Count == 0 ? 0 : (long)((double)table.Bytes / table.Count * table.DirtyCount);

    /// <summary>What objects on the heap take, by the length of their encoded form: text takes twice as much in memory, and an object its header.</summary>
    public static int HeapBytes(bool refers, int encoded) => refers ? 40 + 2 * encoded : 0;

    /// <summary>The entry was saved or replayed: it belongs to <paramref name="commit"/>.</summary>
    public void Saved(int at, ulong commit, int encodedKey, int valueBytes)
    {
        ref var state = ref table.StateOf(at);
        state.Flags = SlotFlags.Used | SlotFlags.Referenced;
        if (store.Durable is null)
        {
            if (table.IsAbsent(at)) table.Remove(at);    // nothing lies below that it would have to hide
            else SetBytes(at, encodedKey, valueBytes);
            return;
        }

        var bytesBefore = state.Bytes;
        store.Uncovered.Move(state.Commit, bytesBefore, commit, SetBytes(at, encodedKey, valueBytes));
        state.Commit = commit;
        if (table.IsAbsent(at)) _tombstones.Enqueue((at, commit));
    }

    /// <summary>Sets what the budget counts for the entry, and gives it.</summary>
    public int SetBytes(int at, int encodedKey, int valueBytes)
    {
        var bytes = SlotTable<TKey, TValue>.SlotBytes + HeapBytes(KeyRefers, encodedKey) + valueBytes;
        table.SetBytes(at, bytes);
        return bytes;
    }

    /// <summary>What of the entry's bytes is its value's.</summary>
    public int ValueBytes(int at, int encodedKey) => Math.Max(0, table.StateOf(at).Bytes - SlotTable<TKey, TValue>.SlotBytes - HeapBytes(KeyRefers, encodedKey));

    /// <summary>Frees tombstones that a checkpoint covers.</summary>
    public int FreeTombstones(int fuel)
    {
        var covered = store.CoveredCommit;
        while (fuel > 0 && _tombstones.TryPeek(out var oldest) && oldest.Commit <= covered)
        {
            _tombstones.Dequeue();
            fuel--;
            // It may have come to life again or been moved, and even been evicted and its slot given to another key.
            if (oldest.Slot < table.Limit && table.IsAbsent(oldest.Slot) && table.StateOf(oldest.Slot).Commit == oldest.Commit && !table.IsDirty(oldest.Slot)) table.Remove(oldest.Slot);
        }

        return fuel;
    }

    /// <summary>Gives back memory that evicted entries left, where it is worth the work. Right behind a commit.</summary>
    public void Trim()
    {
        table.Trim(at => _tombstones.Enqueue((at, table.StateOf(at).Commit)));
        if (_hand > table.Limit) _hand = 0;
    }

    /// <summary>Second chance: an entry that was asked for since the hand last passed stays for one more round.</summary>
    public bool Sweep(ref int fuel, ref long excess)
    {
        var covered = store.CoveredCommit;
        while (fuel > 0 && excess > 0 && _hand < table.Limit)
        {
            var at = _hand++;
            fuel--;
            ref var state = ref table.StateOf(at);
            // Absent entries hide what RocksDB has; those that were never saved only say that it has nothing.
            if (state.Flags == SlotFlags.Free || state.Commit > covered || table.IsDirty(at) || (state.Commit != 0 && table.IsAbsent(at))) continue;
            if ((state.Flags & SlotFlags.Referenced) != 0)
            {
                state.Flags &= ~SlotFlags.Referenced;
                continue;
            }

            IsComplete = false;
            excess -= state.Bytes;
            table.Remove(at);
        }

        if (_hand < table.Limit) return false;
        _hand = 0;
        return true;
    }
}
