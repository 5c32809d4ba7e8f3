using System.Runtime.InteropServices;
using Pathway.Storage;

namespace Pathway.Engine;

/// <summary>A grouping inside of a loop: looks at a key in each round in which the key changed, now or in an earlier epoch, and gives what isn't there yet by the rounds before.</summary>
/// <remarks>A change of a key in some round is carried through the later rounds in which the key changes as well; in between the output is what it was before.</remarks>
/// <param name="given">State of the output: the rows that came out, with their rounds.</param>
/// <typeparam name="TKey">The key of a group.</typeparam>
/// <typeparam name="TOut">The row of a group.</typeparam>
public abstract class LoopGrouping<TKey, TOut>(Arrangement<TKey, (int Round, TOut Row)> given) : LoopOperator<TOut>
    where TKey : notnull
{
    private readonly SortedDictionary<int, HashSet<TKey>> _due = [];    // keys to be looked at, by round
    private readonly Dictionary<ValueTuple<TOut>, long> _changes = [];

    private protected override int? NextRound
    {
        get
        {
            foreach (var (round, _) in _due) return base.NextRound <= round ? base.NextRound : round;
            return base.NextRound;
        }
    }

    private protected override void DropLater()
    {
        base.DropLater();
        _due.Clear();
    }

    /// <inheritdoc/>
    public sealed override void Step()
    {
        Take();
        if (!_due.Remove(Round, out var keys)) return;
        foreach (var each in keys) Look(each);
    }

    /// <summary>Brings the input of the round into the state; says which keys it touched.</summary>
    private protected abstract void Take();

    /// <summary>The row of a group by the rounds up to the one at hand, if it has one; says in which later rounds the group changes.</summary>
    private protected abstract bool TryCompute(TKey group, out TOut row);

    /// <summary>A key is to be looked at in <paramref name="round"/>.</summary>
    private protected void LookAt(TKey group, int round)
    {
        if (!_due.TryGetValue(round, out var keys)) _due.Add(round, keys = []);
        keys.Add(group);
    }

    private void Look(TKey group)
    {
        _changes.Clear();
        if (TryCompute(group, out var computed)) _changes[new(computed)] = 1;
        // What has to come out in this round is what isn't there yet by the rounds up to it.
        foreach (ref readonly var row in given.Rows(in group))
        {
            if (row.Row.Round > Round) LookAt(group, row.Row.Round);
            else CollectionsMarshal.GetValueRefOrAddDefault(_changes, new(row.Row.Row), out _) -= row.Weight;
        }

        foreach (var (row, weight) in _changes)
        {
            if (weight == 0) continue;
            given.Add(in group, (Round, row.Item1), weight);
            Output.Add(row.Item1, weight);
        }
    }
}
