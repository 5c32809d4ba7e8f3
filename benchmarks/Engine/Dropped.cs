using Pathway.Connectors;
using Pathway.Core;

namespace Pathway.Benchmarks;

/// <summary>A sink that counts changes and drops them.</summary>
internal sealed class Dropped<TKey, TRow> : IKeyedFormatter<TKey, TRow>
    where TKey : notnull
{
    private readonly List<Dropped<TKey, TRow>> _all;
    private long _rows;

    public Dropped() => _all = [this];

    private Dropped(List<Dropped<TKey, TRow>> all) => _all = all;

    /// <summary>How many changes all workers gave.</summary>
    public long Rows => _all.Sum(d => d._rows);

    public void Upsert(in TKey key, in TRow row, OutputBuffer output) => _rows++;

    public void Delete(in TKey key, OutputBuffer output) => _rows++;

    public IKeyedFormatter<TKey, TRow> ForAnotherWorker()
    {
        var another = new Dropped<TKey, TRow>(_all);
        _all.Add(another);
        return another;
    }
}

/// <summary>Where the benchmarks' sinks go: nowhere.</summary>
internal sealed record NoTarget : ITargetFactory
{
    public string Name => "dropped";

    public ITarget Open(TargetContext context) => throw new InvalidOperationException("The benchmark delivers nothing.");
}
