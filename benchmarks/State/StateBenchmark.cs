using System.Numerics;
using System.Runtime.InteropServices;
using Pathway.Core;
using Pathway.Storage;

namespace Pathway.Benchmarks;

/// <summary>
/// Group-by's hot path: count and sum for each row's key in <see cref="KeyedState{TKey, TValue}"/>, all changes encoded every 100 ms of its own time, against a bare
/// <see cref="Dictionary{TKey, TValue}"/>. Rates are rows for each second of the thread's processor time, medians of three.
/// </summary>
internal static class StateBenchmark
{
    private const int Rows = 4_000_000;    // whole epochs
    private const int Passes = 4;
    private const int Runs = 3;
    private static readonly TimeSpan CommitEvery = TimeSpan.FromMilliseconds(100);

    public static void Run()
    {
        foreach (var keys in (int[])[5_000, 1_000_000])
        {
            Compare<long, long>($"long -> (long, long), {keys:N0} keys", keys, static key => key, static row => row);
            Compare<long, decimal>($"long -> (long, decimal), {keys:N0} keys", keys, static key => key, static row => row);
            Compare<string, long>($"string -> (long, long), {keys:N0} keys", keys, static key => $"customer-{key}", static row => row);
        }
    }

    private static void Compare<TKey, TSum>(string title, int keyCount, Func<int, TKey> makeKey, Func<int, TSum> makeAmount)
        where TKey : notnull
        where TSum : IAdditionOperators<TSum, TSum, TSum>
    {
        var random = new Random(1);
        var distinct = Enumerable.Range(0, keyCount).Select(makeKey).ToArray();
        var keys = new TKey[Rows];
        var amounts = new TSum[Rows];
        for (var i = 0; i < Rows; i++) (keys[i], amounts[i]) = (distinct[random.Next(keyCount)], makeAmount(random.Next(1, 1000)));

        // Alternating, so that what else the machine does meets both.
        var (bare, state) = (new List<double>(), new List<Result>());
        for (var run = 0; run <= Runs; run++)
        {
            var dictionaryRate = InDictionary(keys, amounts);
            var stateResult = InState(keys, amounts);
            if (run == 0) continue;    // warm-up
            bare.Add(dictionaryRate);
            state.Add(stateResult);
        }

        bare.Sort();
        state.Sort((left, right) => left.Rate.CompareTo(right.Rate));
        var (dictionary, median) = (bare[Runs / 2], state[Runs / 2]);
        Console.WriteLine(
            $"{title}: Dictionary {dictionary / 1e6:F2} M rows/s, KeyedState {median.Rate / 1e6:F2} M rows/s, ratio {median.Rate / dictionary:F2}; "
            + $"{median.Commits} commits of {(double)median.Bytes / median.Commits / 1e6:F2} MB, {median.SaveMs / median.Commits:F1} ms each");
    }

    private static double InDictionary<TKey, TSum>(TKey[] keys, TSum[] amounts)
        where TKey : notnull
        where TSum : IAdditionOperators<TSum, TSum, TSum>
    {
        var groups = new Dictionary<TKey, (long Count, TSum Sum)>();
        Fill(groups, keys, amounts);    // groups exist, as they do in a running pipeline
        var start = ThreadClock.Now();
        for (var pass = 0; pass < Passes; pass++) Fill(groups, keys, amounts);
        return (double)Passes * keys.Length / (ThreadClock.Now() - start).TotalSeconds;
    }

    private static void Fill<TKey, TSum>(Dictionary<TKey, (long Count, TSum Sum)> groups, ReadOnlySpan<TKey> keys, ReadOnlySpan<TSum> amounts)
        where TKey : notnull
        where TSum : IAdditionOperators<TSum, TSum, TSum>
    {
        for (var i = 0; i < keys.Length; i++)
        {
            ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, keys[i], out _);
            group.Count++;
            group.Sum += amounts[i];
        }
    }

    private static Result InState<TKey, TSum>(TKey[] keys, TSum[] amounts)
        where TKey : notnull
        where TSum : IAdditionOperators<TSum, TSum, TSum>
    {
        var folder = Directory.CreateTempSubdirectory("pathway-bench-").FullName;
        using (var db = StateDb.Open(folder))
        using (var store = new StateStore(db, new StateOptions()))
        using (var changes = new StateChanges())
        {
            var commit = 0UL;
            var groups = store.Keyed<TKey, (long Count, TSum Sum)>(new OperatorId(1));
            Run(store, groups, changes, ref commit, keys, amounts, passes: 1);
            var result = Run(store, groups, changes, ref commit, keys, amounts, Passes);
            Directory.Delete(folder, recursive: true);
            return result;
        }
    }

    private static Result Run<TKey, TSum>(
        StateStore store, KeyedState<TKey, (long Count, TSum Sum)> groups, StateChanges changes, ref ulong commit, ReadOnlySpan<TKey> keys, ReadOnlySpan<TSum> amounts, int passes)
        where TKey : notnull
        where TSum : IAdditionOperators<TSum, TSum, TSum>
    {
        const int Epoch = 10_000;
        var start = ThreadClock.Now();
        var (saving, commits, bytes, due) = (TimeSpan.Zero, 0, 0L, start + CommitEvery);
        for (var at = 0L; at < (long)passes * keys.Length; at += Epoch)
        {
            Step(groups, keys.Slice((int)(at % keys.Length), Epoch), amounts.Slice((int)(at % keys.Length), Epoch));
            store.Maintain();
            var now = ThreadClock.Now();
            if (now < due && at + Epoch < (long)passes * keys.Length) continue;
            changes.Clear();
            store.SaveChanges(changes, new CommitNumber(++commit));
            due = ThreadClock.Now() + CommitEvery;
            saving += due - CommitEvery - now;
            commits++;
            bytes += changes.Bytes.Length;
        }

        return new Result((double)passes * keys.Length / (ThreadClock.Now() - start).TotalSeconds, commits, bytes, saving.TotalMilliseconds);
    }

    private static void Step<TKey, TSum>(KeyedState<TKey, (long Count, TSum Sum)> groups, ReadOnlySpan<TKey> keys, ReadOnlySpan<TSum> amounts)
        where TKey : notnull
        where TSum : IAdditionOperators<TSum, TSum, TSum>
    {
        for (var i = 0; i < keys.Length; i++)
        {
            ref var group = ref groups.GetOrAdd(in keys[i], out _);
            group.Count++;
            group.Sum += amounts[i];
        }
    }

    private readonly record struct Result(double Rate, int Commits, long Bytes, double SaveMs);
}
