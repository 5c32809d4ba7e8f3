using Pathway.Connectors;

namespace Pathway.Benchmarks;

/// <summary>A source whose rows the benchmark pushes by itself.</summary>
internal sealed class InMemory<TRow>(string name = "rows") : ISource<TRow>, ISourceOrigin
{
    public string Name => name;

    public ISourceOrigin Origin => this;

    public string Partition => name;

    public string Description => "rows in memory";

    public ISourceReader Open(IReadOnlyList<ISource> sources) => throw new InvalidOperationException("The benchmark pushes the rows by itself.");
}
