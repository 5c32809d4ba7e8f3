using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>Hands the transactions of a generator on, from any position, no faster than asked.</summary>
internal sealed class GeneratorReader(GeneratorOrigin origin, int[] tables) : ISourceReader
{
    /// <summary>Rows of a slice at full speed: buffers of so many rows stay off the large object heap.</summary>
    private const int SliceRows = 1000;

    /// <summary>Below full speed a slice holds what falls due in this time.</summary>
    private static readonly TimeSpan SliceEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>About what a row costs in memory.</summary>
    private const int RowBytes = 64;

    /// <inheritdoc/>
    public async Task RunAsync(SourceContext context, CancellationToken stop)
    {
        var position = Begin(context.Resume);
        var pacer = new Pacer(origin.Options.Rate, context.Time);
        var end = origin.Options.Rows ?? long.MaxValue;
        var sliceRows = origin.Options.Rate == 0 ? SliceRows : (int)Math.Clamp(origin.Options.Rate * SliceEvery.TotalSeconds, 1, SliceRows);
        var stops = new StopsAhead(origin.Description, context.Stops.Select(s => Begin(s).Transaction));
        context.Streaming();
        while (!stops.IsOver || position.Rows < end)
        {
            var batch = origin.Generator.NewBatch(sliceRows);
            var isNew = stops.IsOver;
            position = Fill(batch, position, isNew ? Math.Min(sliceRows, end - position.Rows) : SliceRows, stops.Next);
            stops.Reach(position.Transaction);
            if (isNew) await pacer.WaitAsync(batch.Rows, stop);
            stop.ThrowIfCancellationRequested();
            await context.Input.WriteAsync(Slice(batch, position, context.Time), stop);
        }
    }

    /// <inheritdoc/>
    public void Acknowledge(Position position)
    {
    }

    /// <inheritdoc/>
    public string Describe(Position position) => GeneratorPosition.Parse(position) is var at ? $"transaction {at.Transaction:N0}, {at.Rows:N0} rows" : "";

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private GeneratorPosition Begin(Position? resume)
    {
        if (resume is null) return new GeneratorPosition(0, 0, origin.Generator.Settings);
        var position = GeneratorPosition.Parse(resume.Value);
        if (position.Settings != origin.Generator.Settings)
            throw new RefusalException($"the {origin.Generator.Name} generator makes other rows than those that were read", position.Settings, origin.Generator.Settings, "Start with the settings that the state was made with, or with an empty state directory.");
        return position;
    }

    private GeneratorPosition Fill(GeneratedBatch batch, GeneratorPosition position, long rows, long stop)
    {
        var number = position.Transaction;
        while (batch.Rows < rows && number < stop) origin.Generator.Generate(++number, batch);
        return position with { Transaction = number, Rows = position.Rows + batch.Rows };
    }

    private InputSlice Slice(GeneratedBatch batch, GeneratorPosition position, TimeProvider time)
    {
        var rows = new List<(int, IRowBuffer)>(tables.Length);
        for (var input = 0; input < tables.Length; input++)
            if (batch.Tables[tables[input]] is { Count: > 0 } buffer) rows.Add((input, buffer));
        return new InputSlice { Position = position.ToPosition(), Rows = rows, Bytes = (long)batch.Rows * RowBytes, SourceTime = time.GetUtcNow() };
    }
}
