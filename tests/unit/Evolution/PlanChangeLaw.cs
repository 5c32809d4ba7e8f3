using CsCheck;
using Pathway.Core;

namespace Pathway.Tests.Unit.Evolution;

/// <summary>
/// Any pipeline of the pieces becomes any other one, again and again, with changes of the data between and at the same time, with several workers and states larger than memory, accepted or not: the target has at
/// all times what a plain recomputation gives for the pieces that there are, and a change that is not accepted leaves everything as it is (T-13).
/// </summary>
[Trait("suite", "unit")]
public sealed class PlanChangeLaw
{
    private static readonly Gen<bool[]> Plans = Gen.Bool.Array[Piece.All.Count].Where(chosen => chosen.Any(c => c));

    private static readonly Gen<(bool[] Plan, bool Accept, int Changes, int Workers, bool IsTight)> Runs = Gen.Select(Plans, Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))), Gen.Int[0, 60], Gen.Int[1, 3], Gen.Bool);

    [Fact]
    public void Run_AnyPlanAfterAnyOther_EqualsTheBatchResult() => Runs.List[2, 5].Sample(
        runs => RunAsync(runs).GetAwaiter().GetResult(),
        iter: Environment.GetEnvironmentVariable("PATHWAY_LONG") == "1" ? 300 : 12, print: runs => string.Join("; ", runs.Select(r => $"[{string.Join(", ", Chosen(r.Plan).Select(p => $"{p.Destination}: {p.Text}"))}] accept {r.Accept}, {r.Changes} changes, {r.Workers} workers, tight {r.IsTight}")));

    private static async Task RunAsync(List<(bool[] Plan, bool Accept, int Changes, int Workers, bool IsTight)> runs)
    {
        using var shop = new EvolvingShop();
        List<Piece>? current = null;
        var left = new HashSet<string>();
        var number = 1;
        foreach (var (plan, accept, changes, workers, isTight) in runs)
        {
            var chosen = Chosen(plan);
            shop.Change(number, changes);
            number += changes;
            try
            {
                await shop.RunAsync(Describe(chosen), accept, workers, isTight ? 1 : 64 << 20);
                if (current is not null) left.UnionWith(current.Select(p => p.Destination).Except(chosen.Select(p => p.Destination)));
                current = chosen;
            }
            catch (RefusalException) when (current is not null && (!accept || chosen.Exists(p => left.Contains(p.Destination))))
            {
                // The plan before goes on as if nothing had been, with what came meanwhile.
                await shop.RunAsync(Describe(current), false, workers, isTight ? 1 : 64 << 20);
            }

            foreach (var piece in current!) Assert.Equal(piece.Recompute(shop).OrderBy(r => r.Key, StringComparer.Ordinal), shop.Target.At(piece.Destination).OrderBy(r => r.Key, StringComparer.Ordinal));
        }
    }

    // One piece for each destination.
    private static List<Piece> Chosen(bool[] plan) => [.. Piece.All.Where((_, i) => plan[i]).GroupBy(p => p.Destination).Select(g => g.First())];

    private static Action<Shop> Describe(List<Piece> pieces) => shop =>
    {
        foreach (var piece in pieces) piece.Describe(shop);
    };
}
