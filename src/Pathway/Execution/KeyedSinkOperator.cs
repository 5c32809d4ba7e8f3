using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pathway.Connectors;
using Pathway.Core;
using Pathway.Engine;

namespace Pathway.Execution;

/// <summary>Holds the changes of a keyed table back until a commit, and gives out one upsert or delete for each key that changed.</summary>
internal sealed class KeyedSinkOperator<TKey, TRow>(Batch<Keyed<TKey, TRow>> input, IKeyedFormatter<TKey, TRow> formatter, EngineOutput output, string description) : SinkOperator
    where TKey : notnull
{
    private static readonly bool Refers = RuntimeHelpers.IsReferenceOrContainsReferences<Change>();
    private readonly Dictionary<TKey, int> _places = [];
    private Change[] _changes = new Change[16];
    private int _count;

    public override void Step()
    {
        var rows = input.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            ref readonly var row = ref rows[i];
            ref var change = ref ChangeOf(row.Key);
            var weight = input.WeightAt(i);
            for (; weight > 0; weight--) change.Come(row.Row);
            for (; weight < 0; weight++) change.Go(row.Row);
        }
    }

    public override void Close(Epoch epoch)
    {
        for (var i = 0; i < _count; i++)
        {
            ref var change = ref _changes[i];
            if (change.Others is { } others) Settle(ref change, others);
            if (change.HasNew) formatter.Upsert(change.Key, change.New!, output.Buffer);
            else if (change.HasOld) formatter.Delete(change.Key, output.Buffer);
        }

        if (Refers) Array.Clear(_changes, 0, _count);
        _places.Clear();
        _count = 0;
    }

    // Several rows came or went under one key in one step, in whatever order: what is left when they have cancelled out is what counts.
    private void Settle(ref Change change, List<Delta<TRow>> others)
    {
        if (change.HasOld) others.Add(new Delta<TRow>(change.Old!, -1));
        if (change.HasNew) others.Add(new Delta<TRow>(change.New!, 1));
        var left = others.GroupBy(d => d.Row).Select(g => new Delta<TRow>(g.Key, g.Sum(d => d.Weight))).Where(d => d.Weight != 0).ToList();
        var come = left.Where(d => d.Weight > 0).ToList();
        if (come.Count > 1 || come.Any(d => d.Weight > 1))
            throw new BadDataException($"Key {change.Key} of {description} has two rows at once: {come[0].Row} and {come[^1].Row}. A keyed table has one row under a key: choose a key that is unique, or group by it.");
        (change.HasNew, change.New) = come.Count == 1 ? (true, come[0].Row) : (false, default);
        change.HasOld = left.Any(d => d.Weight < 0);
    }

    private ref Change ChangeOf(TKey key)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, key, out var existed);
        if (existed) return ref _changes[place];
        place = _count;
        if (_count == _changes.Length) Array.Resize(ref _changes, 2 * _count);
        _changes[_count] = new Change { Key = key };
        return ref _changes[_count++];
    }

    private struct Change
    {
        public TKey Key;
        public TRow? Old, New;
        public bool HasOld, HasNew;
        public List<Delta<TRow>>? Others;

        public void Come(TRow row)
        {
            if (HasOld && EqualityComparer<TRow>.Default.Equals(Old, row)) HasOld = false;
            else if (HasNew) (Others ??= []).Add(new Delta<TRow>(row, 1));
            else (HasNew, New) = (true, row);
        }

        public void Go(TRow row)
        {
            if (HasNew && EqualityComparer<TRow>.Default.Equals(New, row)) HasNew = false;
            else if (HasOld) (Others ??= []).Add(new Delta<TRow>(row, -1));
            else (HasOld, Old) = (true, row);
        }
    }
}
