using CsCheck;
using Pathway.Testing;
using Pathway.Tests.Unit.Storage;

namespace Pathway.Tests.Unit.Engine;

/// <summary>A row of the laws' inputs: small ranges, so that rows meet, and everything that is awkward: nulls, equal rows, text beyond the basic plane.</summary>
public sealed record Item(int Id, int? Group, int Value, string? Text);

/// <summary>The inputs of a query under test: two tables without key, two with.</summary>
public sealed record Inputs(Table<Item> A, Table<Item> B, Table<int, Item> K, Table<int, Item> L);

/// <summary>The rows that are present in the inputs.</summary>
public sealed record Present(IReadOnlyList<Item> A, IReadOnlyList<Item> B, IReadOnlyDictionary<int, Item> K, IReadOnlyDictionary<int, Item> L);

/// <summary>I6 for a query: after every epoch, whatever came and went, was committed, evicted and restarted, its output is what LINQ to objects makes of the rows present.</summary>
internal static class TableLaw
{
    private static readonly string?[] Texts = ["a", "b", "ab", "", "\uFF5E", "\U0001F600", null];

    private enum Kind
    {
        InsertA, InsertB, DeleteA, DeleteB, PutK, PutL, DeleteK, DeleteL, ComeAndGo, CloseEpoch, Commit, Checkpoint, Spill, Restart,
    }

    private sealed record Step(Kind Kind, int Pick, Item Item);

    private static readonly Gen<Item> Items = Gen.Select(Gen.Int[0, 5], Gen.Int[-1, 3], Gen.Int[-4, 4], Gen.Int[0, Texts.Length - 1])
        .Select((id, group, value, text) => new Item(id, group < 0 ? null : group, value, Texts[text]));

    private static readonly Gen<Kind> Kinds = Gen.Frequency(
        (6, Gen.Const(Kind.InsertA)), (6, Gen.Const(Kind.InsertB)), (4, Gen.Const(Kind.DeleteA)), (4, Gen.Const(Kind.DeleteB)),
        (6, Gen.Const(Kind.PutK)), (6, Gen.Const(Kind.PutL)), (3, Gen.Const(Kind.DeleteK)), (3, Gen.Const(Kind.DeleteL)), (2, Gen.Const(Kind.ComeAndGo)),
        (8, Gen.Const(Kind.CloseEpoch)), (3, Gen.Const(Kind.Commit)), (2, Gen.Const(Kind.Checkpoint)), (2, Gen.Const(Kind.Spill)), (2, Gen.Const(Kind.Restart)));

    private static readonly Gen<List<Step>> Histories = Gen.Select(Kinds, Gen.Int[0, 1000], Items).Select((kind, pick, item) => new Step(kind, pick, item)).List[1, 60];

    /// <summary>The law for a table without key.</summary>
    public static void Holds<TRow>(Func<Inputs, Table<TRow>> query, Func<Present, IEnumerable<TRow>> oracle, int iter = 150) => Histories.Sample(
        steps => Run(steps, (test, inputs) =>
        {
            var output = test.Collect(query(inputs));
            return present => Equal(oracle(present), output.Rows);
        }),
        iter: iter, threads: 1, print: Print);

    /// <summary>The law for a keyed table.</summary>
    public static void Holds<TKey, TRow>(Func<Inputs, Table<TKey, TRow>> query, Func<Present, IEnumerable<KeyValuePair<TKey, TRow>>> oracle, int iter = 150)
        where TKey : notnull => Histories.Sample(
        steps => Run(steps, (test, inputs) =>
        {
            var output = test.Collect(query(inputs));
            return present => Equal(oracle(present), output.Rows);
        }),
        iter: iter, threads: 1, print: Print);

    /// <summary>The law for a table and for the rows that its steps couldn't take in, row and message.</summary>
    public static void Holds<TRow>(Func<Inputs, Table<TRow>> query, Func<Present, IEnumerable<TRow>> oracle, Func<Present, IEnumerable<(string Row, string Message)>> errors, int iter = 150) => Histories.Sample(
        steps => Run(
            steps, (test, inputs) =>
            {
                var (output, failed) = (test.Collect(query(inputs)), test.Collect(test.Errors));
                return present =>
                {
                    Equal(oracle(present), output.Rows);
                    Equal(errors(present), failed.Rows.Select(f => (f.Row, f.Message)));
                };
            },
            ErrorPolicy.Continue),
        iter: iter, threads: 1, print: Print);

    /// <summary>The law for a table of any of many plans.</summary>
    public static void HoldsForAny<TPlan, TRow>(Gen<TPlan> plans, Func<TPlan, Inputs, Table<TRow>> query, Func<TPlan, Present, IEnumerable<TRow>> oracle, Func<TPlan, string> print, int iter) => Gen.Select(plans, Histories).Sample(
        (plan, steps) => Run(steps, (test, inputs) =>
        {
            var output = test.Collect(query(plan, inputs));
            return present => Equal(oracle(plan, present), output.Rows);
        }),
        iter: iter, threads: 1, print: sample => $"{print(sample.Item1)}: {Print(sample.Item2)}");

    private static void Run(List<Step> steps, Func<TestPipeline, Inputs, Action<Present>> build, ErrorPolicy onError = ErrorPolicy.Stop)
    {
        // One history in six has RocksDB below it and no room in its caches; opening one takes longer than a history does.
        using var folder = steps[0].Pick % 6 == 0 ? new TemporaryFolder(inMemory: true) : null;
        using var test = new TestPipeline(folder?.Path, budgetBytes: 1, workers: 1 + steps[0].Item.Id % 4, onError) { AlwaysOnThreads = steps.Count % 4 == 0 };
        var (a, b, k, l) = (test.Rows<Item>("a"), test.Rows<Item>("b"), test.Table<int, Item>("k"), test.Table<int, Item>("l"));
        var check = build(test, new Inputs(a.Table, b.Table, k.Table, l.Table));
        var present = (A: new List<Item>(), B: new List<Item>(), K: new Dictionary<int, Item>(), L: new Dictionary<int, Item>());
        foreach (var step in steps.Append(new Step(Kind.CloseEpoch, 0, null!)))
        {
            switch (step.Kind)
            {
                case Kind.InsertA: Insert(a, present.A, step); break;
                case Kind.InsertB: Insert(b, present.B, step); break;
                case Kind.DeleteA: Delete(a, present.A, step); break;
                case Kind.DeleteB: Delete(b, present.B, step); break;
                case Kind.PutK: k.Put(step.Item.Id, present.K[step.Item.Id] = step.Item); break;
                case Kind.PutL: l.Put(step.Item.Id, present.L[step.Item.Id] = step.Item); break;
                case Kind.DeleteK: k.Delete(step.Item.Id); present.K.Remove(step.Item.Id); break;
                case Kind.DeleteL: l.Delete(step.Item.Id); present.L.Remove(step.Item.Id); break;
                case Kind.ComeAndGo:
                    a.Push(step.Item, step.Pick % 2 == 0 ? 2 : -1);
                    a.Push(step.Item, step.Pick % 2 == 0 ? -2 : 1);
                    break;
                default:
                    test.CloseEpoch();
                    check(new Present(present.A, present.B, present.K, present.L));
                    if (step.Kind == Kind.CloseEpoch) break;
                    if (step.Kind == Kind.Spill)
                    {
                        test.Spill();
                        break;
                    }

                    test.Commit();
                    if (step.Kind == Kind.Checkpoint) test.Checkpoint();
                    if (step.Kind == Kind.Checkpoint && test.TellAgain()) check(new Present(present.A, present.B, present.K, present.L));
                    if (step.Kind == Kind.Restart) test.Restart(workers: 1 + step.Pick % 4);
                    break;
            }
        }
    }

    private static void Insert(TestRows<Item> input, List<Item> present, Step step)
    {
        var times = step.Pick % 5 == 0 ? 2 : 1;
        input.Push(step.Item, times);
        for (var i = 0; i < times; i++) present.Add(step.Item);
    }

    private static void Delete(TestRows<Item> input, List<Item> present, Step step)
    {
        if (present.Count == 0) return;
        var at = step.Pick % present.Count;
        input.Push(present[at], -1);
        present.RemoveAt(at);
    }

    private static void Equal<TRow>(IEnumerable<TRow> expected, IEnumerable<TRow> found)
    {
        static Dictionary<ValueTuple<TRow>, int> Counts(IEnumerable<TRow> rows) => rows.GroupBy(r => new ValueTuple<TRow>(r)).ToDictionary(g => g.Key, g => g.Count());
        var (wanted, given) = (Counts(expected), Counts(found));
        foreach (var row in wanted.Keys.Union(given.Keys))
        {
            var (want, have) = (wanted.GetValueOrDefault(row), given.GetValueOrDefault(row));
            if (want != have) throw new InvalidOperationException($"{row.Item1}: expected {want} times, found {have} times.");
        }
    }

    private static string Print(List<Step> steps) => string.Join("; ", steps.Select(s => $"{s.Kind} {s.Pick} {s.Item}"));
}
