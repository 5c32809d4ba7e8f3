namespace Pathway.Engine;

/// <summary>Counts and sums by group that are to be given out in the round at hand or in later ones.</summary>
internal sealed class RoundSums<TGroup>
    where TGroup : notnull
{
    private readonly SortedDictionary<int, Dictionary<TGroup, CountSum>> _byRound = [];
    private readonly Stack<Dictionary<TGroup, CountSum>> _empty = [];

    /// <summary>The sums of <paramref name="round"/>, to be added to.</summary>
    public Dictionary<TGroup, CountSum> Of(int round)
    {
        if (!_byRound.TryGetValue(round, out var sums)) _byRound.Add(round, sums = _empty.TryPop(out var empty) ? empty : []);
        return sums;
    }

    /// <summary>The next round behind <paramref name="round"/> that has some; null for none.</summary>
    public int? NextAfter(int round)
    {
        foreach (var (next, _) in _byRound)
            if (next > round) return next;
        return null;
    }

    /// <summary>Gives out what <paramref name="round"/> has.</summary>
    public void Take(int round, Batch<SumPart<TGroup>> output)
    {
        if (!_byRound.Remove(round, out var sums)) return;
        foreach (var (group, sum) in sums)
            if (sum != default) output.Add(new SumPart<TGroup>(group, sum.Count, sum.Sum));
        GiveBack(sums);
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        foreach (var (_, sums) in _byRound) GiveBack(sums);
        _byRound.Clear();
    }

    private void GiveBack(Dictionary<TGroup, CountSum> sums)
    {
        Rooms.Clear(sums);
        _empty.Push(sums);
    }
}
