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

    /// <summary>How many of the entries are tombstones.</summary>
    public int Absent { get; set; }

    /// <summary>What objects on the heap take, by the length of their encoded form: text takes twice as much in memory, and an object its header.</summary>
    public static int HeapBytes(bool refers, int encoded) => refers ? 40 + 2 * encoded : 0;

    /// <summary>The entry was saved or replayed: it belongs to <paramref name="commit"/>.</summary>
    public void Saved(ref SlotTable<TKey, TValue>.Slot slot, int at, ulong commit, int encodedKey, int valueBytes)
    {
        slot.Flags &= ~(SlotFlags.Dirty | SlotFlags.Fresh);
        var isAbsent = (slot.Flags & SlotFlags.Absent) != 0;
        var bytesBefore = slot.Bytes;
        var bytes = SetBytes(ref slot, encodedKey, valueBytes);
        if (store.Durable is null)
        {
            if (isAbsent) Free(at);    // nothing lies below that it would have to hide
            return;
        }

        store.Uncovered.Move(slot.Commit, bytesBefore, commit, bytes);
        slot.Commit = commit;
        if (isAbsent) _tombstones.Enqueue((at, commit));
    }

    /// <summary>Frees a tombstone.</summary>
    public void Free(int at)
    {
        table[at].Flags &= ~SlotFlags.Dirty;
        table.Remove(at);
        Absent--;
    }

    /// <summary>Sets what the budget counts for the entry, and gives it.</summary>
    public int SetBytes(ref SlotTable<TKey, TValue>.Slot slot, int encodedKey, int valueBytes)
    {
        var bytes = SlotTable<TKey, TValue>.SlotBytes + HeapBytes(KeyRefers, encodedKey) + valueBytes;
        table.SetBytes(ref slot, bytes);
        return bytes;
    }

    /// <summary>What of the entry's bytes is its value's.</summary>
    public static int ValueBytes(in SlotTable<TKey, TValue>.Slot slot, int encodedKey) => Math.Max(0, slot.Bytes - SlotTable<TKey, TValue>.SlotBytes - HeapBytes(KeyRefers, encodedKey));

    /// <summary>Frees tombstones that a checkpoint covers.</summary>
    public int FreeTombstones(int fuel)
    {
        var covered = store.CoveredCommit;
        while (fuel > 0 && _tombstones.TryPeek(out var oldest) && oldest.Commit <= covered)
        {
            _tombstones.Dequeue();
            fuel--;
            // It may have come to life again, or been evicted and its slot given to another key.
            ref var slot = ref table[oldest.Slot];
            if ((slot.Flags & (SlotFlags.Absent | SlotFlags.Dirty)) == SlotFlags.Absent && slot.Commit == oldest.Commit) Free(oldest.Slot);
        }

        return fuel;
    }

    /// <summary>Second chance: an entry that was asked for since the hand last passed stays for one more round.</summary>
    public bool Sweep(ref int fuel, ref long excess)
    {
        var covered = store.CoveredCommit;
        while (fuel > 0 && excess > 0 && _hand < table.Limit)
        {
            var at = _hand++;
            fuel--;
            ref var slot = ref table[at];
            if ((slot.Flags & (SlotFlags.Used | SlotFlags.Dirty | SlotFlags.Absent)) != SlotFlags.Used || slot.Commit > covered) continue;
            if ((slot.Flags & SlotFlags.Referenced) != 0)
            {
                slot.Flags &= ~SlotFlags.Referenced;
                continue;
            }

            IsComplete = false;
            excess -= slot.Bytes;
            table.Remove(at);
        }

        if (_hand < table.Limit) return false;
        _hand = 0;
        return true;
    }
}
