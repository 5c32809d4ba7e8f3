using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pathway.Checkpointing;
using Pathway.Core;
using Pathway.Execution;
using Pathway.Running;
using Pathway.Storage;
using Pathway.Tests.Unit.Storage;
using Pathway.Tests.Unit.Storage.Logs;

namespace Pathway.Tests.Unit.Durability;

/// <summary>One pipeline over the real storage (RocksDB in a folder, the log on a disk that forgets), stepped by hand through epochs, commits, checkpoints, deliveries, deaths and restarts.</summary>
/// <remarks>The source is a list that can be read again from any place; the target outlives the process. After every delivery the target holds exactly what its marker says.</remarks>
internal sealed class DurableRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ShopChange> _source = [];
    private readonly StateOptions _limits;
    private readonly ILogger _logger;
    private Life? _life;

    /// <param name="budgetBytes">What the state may keep in memory.</param>
    /// <param name="logger">What the log says goes here.</param>
    public DurableRun(long budgetBytes, ILogger? logger = null) => (_limits, _logger) = (new StateOptions { BudgetBytes = budgetBytes }, logger ?? NullLogger.Instance);

    public ForgetfulDisk Disk { get; } = new();

    public MemoryTarget Target { get; } = new();

    /// <summary>How many workers the next life has.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>From so many rows of an epoch on for each worker, the next life uses threads.</summary>
    public int RowsForThreads { get; set; } = PipelineEngine.RowsForThreads;

    /// <summary>The state directory.</summary>
    public string Folder => _folder.Path;

    /// <summary>The last durable commit of the life that runs.</summary>
    public CommitNumber Durable => Alive.Folder.Log.Durable;

    private Life Alive => _life ??= new Life(this);

    /// <summary>Something changes in the shop.</summary>
    public void Change(ShopOrder? order, ShopCustomer? customer, int id = 0) => _source.Add(new ShopChange(_source.Count + 1, order, customer, id));

    /// <summary>Reads at most so many changes in one epoch.</summary>
    public void Epoch(int changes) => Alive.Epoch(Math.Min(changes, _source.Count - Alive.Read));

    /// <summary>Commits what was stepped; returns when it is durable.</summary>
    public void Commit()
    {
        Alive.Submit();
        Alive.Writer.Drain();
    }

    /// <summary>Hands a commit over without waiting for it.</summary>
    public void Submit() => Alive.Submit();

    /// <summary>Takes what was stepped out of memory, without a commit.</summary>
    public void Spill() => Alive.Spill();

    /// <summary>Waits for it.</summary>
    public void Drain() => Alive.Writer.Drain();

    public void Checkpoint() => Alive.Checkpoint();

    public void DeleteLog() => Alive.DeleteLog();

    /// <summary>Delivers what is durable, and checks the target.</summary>
    public void Deliver()
    {
        Alive.Deliver();
        Check();
    }

    /// <summary>The process ends without a word; what the page cache holds stays.</summary>
    public void Kill()
    {
        End();
        // What a kill may leave of a spill.
        Directory.CreateDirectory(Path.Combine(Folder, "spill"));
        File.WriteAllText(Path.Combine(Folder, "spill", "CURRENT"), "of another life");
        Disk.Revive();
    }

    /// <summary>The power goes: of what wasn't synced, some is lost.</summary>
    public void LosePower(int seed)
    {
        End();
        Disk.LosePower(new Random(seed));
    }

    /// <summary>Everything that is left is read, committed, delivered; the target then holds what a plain recomputation of all changes gives.</summary>
    public void Finish()
    {
        Epoch(int.MaxValue);
        Commit();
        Deliver();
        Assert.Equal(_source.Count, Target.Events);
    }

    /// <summary>Ends the life that runs; the state directory stays.</summary>
    public void End()
    {
        _life?.Dispose();
        _life = null;
    }

    public void Dispose()
    {
        End();
        _folder.Dispose();
    }

    /// <summary>What the target holds is the batch result over exactly what its marker says.</summary>
    private void Check()
    {
        if (Target.Marker is not { IsWhole: true } marker) return;
        var position = marker.Frontier.Positions.TryGetValue("shop", out var at) ? int.Parse(at.Text, CultureInfo.InvariantCulture) : 0;
        Assert.Equal(position, Target.Events);
        Assert.Equal(ShopPlan.Recomputed(_source.Take(position)).OrderBy(v => v.Key, StringComparer.Ordinal), Target.View.OrderBy(v => v.Key, StringComparer.Ordinal));
    }

    /// <summary>One process: from the opening of the state directory to its end.</summary>
    private sealed class Life : IDisposable
    {
        private readonly DurableRun _run;
        private readonly ShopPlan _plan;
        private readonly PipelineEngine _engine;
        private readonly CommitBuffers _buffers;
        private readonly DeliveryLoop _delivery;
        private readonly Spiller _spiller;
        private Epoch _epoch;
        private CommitNumber _number;
        private int _committed;

        public Life(DurableRun run)
        {
            _run = run;
            _plan = new ShopPlan(run.Target);
            Folder = StateFolder.Open(new StateFolderOptions
            {
                Directory = run.Folder, Name = "durable", Plan = _plan.Plan.Description, States = _plan.Plan.StatePaths, Workers = run.Workers, Now = DateTimeOffset.UnixEpoch, Disk = run.Disk, StateLimits = run._limits,
                Log = new CommitLogOptions { SegmentBytes = 4096, ReserveBytes = 1, BytesBetweenLooksAtTheDisk = 0 },
            });
            try
            {
                _engine = new PipelineEngine(_plan.Plan, Folder.States, Folder.OperatorOf) { RowsForThreadsMin = run.RowsForThreads };
                _buffers = new CommitBuffers(_engine);
                _spiller = new Spiller(Folder, new CheckpointOptions { FoldBytes = 1 << 20 });
                Folder.Replay();
                _delivery = new DeliveryLoop(run.Target, new DeliveryContext
                {
                    Log = Folder.Log, Index = Folder.Index, Manifest = Folder.Manifest, Logger = run._logger, Time = TimeProvider.System, Retry = new RetryPolicy { First = TimeSpan.FromMilliseconds(1) },
                });
                _delivery.ClaimAsync(Folder.RecordedFor(run.Target.Name), CancellationToken.None).GetAwaiter().GetResult();
                Writer = new CommitWriter(Folder.Log, Folder.Index, Folder.Manifest.Current, () => _delivery.Delivered is { } delivered ? [delivered] : [], run._logger, TimeProvider.System);
            }
            catch
            {
                _engine?.Dispose();
                Folder.Dispose();
                throw;
            }

            (_epoch, _number) = (Folder.Index.Last?.Epoch ?? default, Folder.Index.Last?.Number ?? CommitNumber.None);
            Read = _committed = Folder.Index.Last?.Frontier.Positions.TryGetValue("shop", out var at) == true ? int.Parse(at.Text, CultureInfo.InvariantCulture) : 0;
        }

        public StateFolder Folder { get; }

        public CommitWriter Writer { get; }

        /// <summary>How many changes were read.</summary>
        public int Read { get; private set; }

        public void Epoch(int changes)
        {
            if (changes == 0) return;
            foreach (var (input, rows) in _plan.Rows(_run._source.Skip(Read).Take(changes))) _engine.Push(input, rows);
            Read += changes;
            _epoch = _epoch.Next();
            _engine.Step(_epoch);
            _engine.Maintain();
        }

        public void Submit()
        {
            if (Read == _committed) return;
            _engine.CloseOutput(_epoch);
            var buffers = _buffers.Take(withChanges: true);
            _number = _number.Next();
            _engine.SaveChanges(buffers.Changes, _number);
            if (Folder.States.HasSpilled(_number)) _spiller.Spill(buffers.Changes, _number);
            Writer.Submit(new PendingCommit
            {
                Number = _number, Epoch = _epoch, Outputs = buffers.Outputs, Changes = buffers.Changes, Done = buffers.Return,
                Frontier = Frontier.Empty.With("shop", new Position(Read.ToString(CultureInfo.InvariantCulture))),
            });
            _committed = Read;
        }

        public void Spill()
        {
            Writer.Drain();
            Checkpoint();
            _engine.CloseOutput(_epoch);
            var buffers = _buffers.Take(withChanges: true);
            _engine.SaveChanges(buffers.Changes, _number.Next());
            _spiller.Spill(buffers.Changes, _number.Next());
            Writer.Submit(new PendingCommit { Number = _number.Next(), Epoch = _epoch, Outputs = buffers.Outputs, Changes = buffers.Changes, Done = buffers.Return, Frontier = Frontier.Empty, IsPart = true });
            _engine.Maintain();
        }

        public void Checkpoint()
        {
            if (Folder.Log.Durable == CommitNumber.None) return;
            Folder.States.Covered(new Checkpointer(Folder.Paths.Fold, new CheckpointOptions { FoldBytes = 1 << 20 }).Fold(Folder.Log, Folder.Db, Folder.Log.Durable));
        }

        public void DeleteLog()
        {
            var delivered = _delivery.Delivered is not { Marker: var marker } ? 0 : marker.IsWhole ? marker.Commit.Value : marker.Commit.Value - 1;
            var keep = new CommitNumber(Math.Min(Folder.Log.Durable.Value, Math.Min(Folder.Db.Checkpoint.Value, delivered) + 1));
            Folder.Log.DeleteBefore(keep);
            Folder.Index.Forget(keep);
        }

        public void Deliver()
        {
            _delivery.Finish(); // it ends when everything durable is delivered
            _delivery.RunAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        public void Dispose()
        {
            Writer.Dispose();
            _delivery.Dispose();
            _engine.Dispose();
            Folder.Dispose();
        }
    }
}
