using CsCheck;
using Pathway.Core;
using Pathway.Tests.Unit.Storage.Logs;

namespace Pathway.Tests.Unit.Durability;

/// <summary>
/// Random changes, any cut into epochs, any points of commit, checkpoint and delivery, the process killed and the power lost anywhere: what was delivered is at all times the batch result over a prefix
/// of the changes, and in the end over all of them, each event once and in order (I1, I2, I3, I6).
/// </summary>
[Trait("suite", "unit")]
public sealed class DurabilityTests
{
    /// <summary>What happens in a test.</summary>
    private enum Act
    {
        PutOrder, DeleteOrder, PutCustomer, DeleteCustomer, Epoch, Commit, Spill, Checkpoint, Deliver, DeliverPartly, DeliverUnheard, DeleteLog, Kill, LosePower, DieSoon,
    }

    private static readonly Gen<Act> Acts = Gen.Frequency(
        (10, Gen.Const(Act.PutOrder)), (3, Gen.Const(Act.DeleteOrder)), (4, Gen.Const(Act.PutCustomer)), (1, Gen.Const(Act.DeleteCustomer)),
        (6, Gen.Const(Act.Epoch)), (5, Gen.Const(Act.Commit)), (2, Gen.Const(Act.Spill)), (3, Gen.Const(Act.Checkpoint)), (3, Gen.Const(Act.Deliver)), (1, Gen.Const(Act.DeliverPartly)), (1, Gen.Const(Act.DeliverUnheard)),
        (2, Gen.Const(Act.DeleteLog)), (1, Gen.Const(Act.Kill)), (1, Gen.Const(Act.LosePower)), (2, Gen.Const(Act.DieSoon)));

    /// <summary>Tiny budgets evict all the time, a large one never.</summary>
    private static readonly Gen<long> Budgets = Gen.OneOf(Gen.Const(1L), Gen.Long[500, 5_000], Gen.Const(1L << 30));

    [Fact]
    public void Run_AnyEpochsCommitsCheckpointsAndDeaths_EqualsTheBatchResult() => Gen.Select(Gen.Select(Acts, Gen.Int[0, 1_000_000]).List[1, 150], Budgets, Gen.Int[1, 20]).Sample(
        (acts, budget, rows) =>
        {
            using var run = new DurableRun(budget);
            run.Target.Limits = new TransactionLimits(Rows: rows);
            (run.Workers, run.RowsForThreads) = (1 + rows % 4, rows % 3 == 0 ? 0 : 1000);
            foreach (var (act, number) in acts)
            {
                SurviveDeath(run, number, () => Do(run, act, number));
                if (act == Act.Kill) run.Workers = 1 + number % 4;
            }

            SurviveDeath(run, seed: 1, run.Finish);
            run.Kill();
            run.Workers = 1;
            run.Finish();
        },
        iter: Environment.GetEnvironmentVariable("PATHWAY_LONG") == "1" ? 1_000 : 60, print: t => $"budget {t.Item2}, limit {t.Item3}: {string.Join(", ", t.Item1.Select(a => $"{a.Item1} {a.Item2}"))}");

    private static void Do(DurableRun run, Act act, int number)
    {
        switch (act)
        {
            case Act.PutOrder:
                run.Change(new ShopOrder(100 + number % 40, number % 7, number % 1000, new string('x', number % 200)), null);
                break;
            case Act.DeleteOrder:
                run.Change(null, null, 100 + number % 40);
                break;
            case Act.PutCustomer:
                run.Change(null, new ShopCustomer(number % 7, $"name {number % 5}"));
                break;
            case Act.DeleteCustomer:
                run.Change(null, null, number % 7);
                break;
            case Act.Epoch:
                run.Epoch(1 + number % 12);
                break;
            case Act.Commit:
                run.Commit();
                break;
            case Act.Spill:
                run.Spill();
                break;
            case Act.Checkpoint:
                run.Checkpoint();
                break;
            case Act.Deliver:
                run.Deliver();
                break;
            case Act.DeliverPartly:
                run.Target.DiesAtRow = number % 5;
                run.Deliver();
                run.Target.DiesAtRow = -1;
                break;
            case Act.DeliverUnheard:
                run.Target.LosesAnswer = true;
                run.Deliver();
                run.Target.LosesAnswer = false;
                break;
            case Act.DeleteLog:
                run.DeleteLog();
                break;
            case Act.Kill:
                run.Kill();
                break;
            case Act.LosePower:
                run.LosePower(number);
                break;
            case Act.DieSoon:
                run.Disk.DieAfter(number % 25); // within the next commits, or within the next opening of the log
                break;
        }
    }

    // Dead is dead: killed, or without power. Then a new life goes on from what is on disk.
    private static void SurviveDeath(DurableRun run, int seed, Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is ForgetfulDisk.DiedException or MemoryTarget.DiedException)
        {
            run.Target.DiesAtRow = -1;
            run.Target.LosesAnswer = false;
            if (seed % 2 == 0) run.Kill();
            else run.LosePower(seed);
        }
    }
}
