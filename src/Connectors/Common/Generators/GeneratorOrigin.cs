using Pathway.Core;

namespace Pathway.Connectors;

/// <summary>A generator as a place of reading: all its tables have one position.</summary>
/// <param name="Generator">What is made up.</param>
/// <param name="Options">How fast and how far.</param>
public sealed record GeneratorOrigin(Generator Generator, GeneratorOptions Options) : IKeptOrigin
{
    /// <inheritdoc/>
    public string Partition => $"generator:{Generator.Name}";

    /// <inheritdoc/>
    public string Description => $"{Generator.Name} generator ({Generator.Settings}{(Options.Rate > 0 ? $", {Options.Rate} rows/s" : "")})";

    /// <inheritdoc/>
    public string? WhyNotAgain(Position? from, Position? to)
    {
        if (to is not { } end) return null;
        if (GeneratorPosition.Parse(end).Settings is var settings && settings != Generator.Settings) return $"its settings were {settings}, and are {Generator.Settings}";
        return (from is { } at ? GeneratorPosition.Parse(at).Transaction : 0) > GeneratorPosition.Parse(end).Transaction ? "it was read further than that" : null;
    }

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
