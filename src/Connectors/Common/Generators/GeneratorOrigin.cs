namespace Pathway.Connectors;

/// <summary>A generator as a place of reading: all its tables have one position.</summary>
/// <param name="Generator">What is made up.</param>
/// <param name="Options">How fast and how far.</param>
public sealed record GeneratorOrigin(Generator Generator, GeneratorOptions Options) : ISourceOrigin
{
    /// <inheritdoc/>
    public string Partition => $"generator:{Generator.Name}";

    /// <inheritdoc/>
    public string Description => $"{Generator.Name} generator ({Generator.Settings}{(Options.Rate > 0 ? $", {Options.Rate} rows/s" : "")})";

    /// <inheritdoc/>
    public bool ReadsAgain => true;

    /// <inheritdoc/>
    public ISourceReader Open(IReadOnlyList<ISource> sources) => new GeneratorReader(this, [.. sources.Select(s => ((IGeneratedTable)s).Table)]);
}

/// <summary>A table of a generator.</summary>
internal interface IGeneratedTable
{
    /// <summary>Its number in the generator's batches.</summary>
    int Table { get; }
}

/// <inheritdoc/>
internal sealed record GeneratedTable<TRow>(GeneratorOrigin Place, int Table, string Name) : ISource<TRow>, IGeneratedTable
{
    /// <inheritdoc/>
    public ISourceOrigin Origin => Place;
}
