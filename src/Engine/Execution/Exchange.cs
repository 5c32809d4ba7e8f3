namespace Pathway.Engine;

/// <summary>Sends rows from the workers that have them to those that own their keys: each worker scatters what it has, all meet, each gathers what came for it.</summary>
/// <remarks>One for all workers. Gathered rows stand in the order of the workers that sent them, so that what one worker sends under a key keeps its order.</remarks>
internal abstract class Exchange
{
    private volatile bool _goesInOrder;

    /// <summary>Whether what was scattered in this step can't be taken in by each worker for itself. All workers see the same once they have met.</summary>
    public bool GoesInOrder => _goesInOrder;

    /// <summary>Takes the step in on one thread for all workers, while they wait.</summary>
    public virtual void StepInOrder()
    {
    }

    /// <summary>In this step, no worker gathers; <see cref="StepInOrder"/> runs instead.</summary>
    protected void GoInOrder() => _goesInOrder = true;

    /// <summary>The step is over.</summary>
    protected void ForgetOrder() => _goesInOrder = false;
}

/// <inheritdoc/>
internal class Exchange<TRow>(int workers) : Exchange
{
    private readonly Batch<TRow>[][] _parts = [.. Enumerable.Range(0, workers).Select(_ => Enumerable.Range(0, workers).Select(_ => new Batch<TRow>()).ToArray())];    // by sender, then receiver

    /// <summary>The side of worker <paramref name="sender"/> that gives away, made by its own thread's circuit.</summary>
    public Operator Scatter(int sender, Batch<TRow> input, Partitioner<TRow> partitioner) => new ScatterOperator(this, _parts[sender], input, partitioner);

    /// <summary>The side of worker <paramref name="receiver"/> that takes.</summary>
    public Operator<TRow> Gather(int receiver) => new GatherOperator(this, _parts, receiver);

    private sealed class ScatterOperator(Exchange<TRow> exchange, Batch<TRow>[] parts, Batch<TRow> input, Partitioner<TRow> partitioner) : Operator
    {
        public override void Step()
        {
            if (input.Count > 0 && !partitioner.Partition(input, parts)) exchange.GoInOrder();
        }

        public override void Clear()
        {
            foreach (var part in parts) part.Clear();
            exchange.ForgetOrder();
        }
    }

    private sealed class GatherOperator(Exchange<TRow> exchange, Batch<TRow>[][] parts, int receiver) : Operator<TRow>
    {
        public override void Step()
        {
            if (exchange.GoesInOrder) return;
            foreach (var sent in parts)
                if (sent[receiver].Count > 0) Output.AddRange(sent[receiver]);
        }
    }
}
